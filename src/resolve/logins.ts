import type { Login } from '../model/context.ts';
import type { Retired, ServiceDeclaration } from '../model/declaration.ts';
import type { ServiceDefinition } from '../model/service.ts';

/** Where the turns of a user's two logins stand. */
export interface Turn {
  /** The second login is in use. */
  second: boolean;
  /** The other one is valid as well; its password is kept as SECRET.other. */
  both: boolean;
}

type Declared = Required<ServiceDeclaration>;

/** A password by which services know a process that is theirs to admit. */
export interface Credential {
  service: string;
  secret: string;
  kind: 'database' | 'broker' | 'account';
}

/** The passwords of all users that services have at the database, the broker and Keystone; each once. */
export function credentialsOf(
  services: readonly ServiceDefinition[],
  declare: (service: ServiceDefinition) => ServiceDeclaration,
): Credential[] {
  const found = services.flatMap((service) => {
    const declared = declare(service);
    const of = (kind: Credential['kind'], needs: readonly { secret: string }[] = []): Credential[] =>
      needs.map(({ secret }) => ({ service: service.name, secret, kind }));
    return [
      ...of('database', [...(declared.databases ?? []), ...(declared.databaseWatchers ?? [])]),
      ...of('broker', declared.brokerUsers),
      ...of(
        'account',
        declared.accounts?.filter(({ trustee }) => !trustee),
      ),
    ];
  });
  return [...new Map(found.map((credential) => [credential.secret, credential])).values()];
}

/** What a user of this name is let in as now, with the secret of each: the login in use first, then the other where both are. */
export function loginsOf(user: string, secret: string, turn: Turn | undefined): [Login, ...Login[]] {
  if (!turn) return [{ login: user, secret }];
  const [own, other] = turn.second ? [second(user), user] : [user, second(user)];
  return [{ login: own, secret }, ...(turn.both ? [{ login: other, secret: `${secret}.other` }] : [])];
}

/**
 * What services declare with the logins that are valid now: the one in use first, then the other where both are, and
 * apart from them those that are valid no more.
 */
export function takeTurns(
  declared: Declared,
  turnOf: (secret: string) => Turn | undefined,
): { declared: Declared; retired: Retired } {
  const valid = <Need extends { user: string; secret: string }>(
    need: Need,
  ): (Need & { login?: string })[] => {
    return loginsOf(need.user, need.secret, turnOf(need.secret)).map(({ login, secret }) => ({
      ...need,
      secret,
      ...(login === need.user ? {} : { login }),
    }));
  };
  const loginsOver = ({ user, secret }: { user: string; secret: string }): string[] => {
    const turn = turnOf(secret);
    return !turn || turn.both ? [] : [turn.second ? user : second(user)];
  };
  const over = (needs: readonly { user: string; secret: string }[]): string[] => [
    ...new Set(needs.flatMap(loginsOver)),
  ];
  return {
    declared: {
      ...declared,
      databases: declared.databases.flatMap(valid),
      databaseWatchers: declared.databaseWatchers.flatMap(valid),
      brokerUsers: declared.brokerUsers.flatMap(valid),
      accounts: declared.accounts.flatMap(valid),
    },
    retired: {
      databaseUsers: over([...declared.databases, ...declared.databaseWatchers]),
      brokerUsers: over(declared.brokerUsers),
      accounts: declared.accounts.flatMap(({ domain, ...need }) =>
        loginsOver(need).map((user) => (domain === undefined ? user : { user, domain })),
      ),
    },
  };
}

function second(user: string): string {
  return `${user}-b`;
}
