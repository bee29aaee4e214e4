import type { ServiceDeclaration } from '../../src/model/declaration.ts';

interface UsualNeeds {
  /** Its databases, of one user; one with the service's name unless said. */
  databases?: string[];
  /** It talks over the message broker. */
  broker?: boolean;
  /** Of its account; `admin` and `service` unless said. */
  roles?: string[];
  /** What it is in Keystone's catalogue. Its front end has the service's name, and leads to the process `SERVICE-api`. */
  api: { type: string; description: string; port: number; path?: string };
}

/** What a usual OpenStack service declares: databases, an account, an API, each user with a password of its own. */
export function usualNeeds(
  service: string,
  {
    databases = [service],
    broker = false,
    roles = ['admin', 'service'],
    api: { type, description, port, path = '' },
  }: UsualNeeds,
): ServiceDeclaration {
  const uses = ['account', 'database', ...(broker ? ['broker'] : [])];
  return {
    secrets: uses.map((use) => ({ name: `${service}-${use}`, kind: 'password' })),
    databases: databases.map((name) => ({ name, user: service, secret: `${service}-database` })),
    brokerUsers: broker ? [{ user: service, secret: `${service}-broker` }] : [],
    accounts: [{ user: service, secret: `${service}-account`, roles }],
    endpoints: [{ service, type, description, frontend: service, path }],
    frontends: [{ name: service, kind: 'http', process: `${service}-api`, port, publicPort: port }],
  };
}
