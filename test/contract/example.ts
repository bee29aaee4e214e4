import { file, job, process } from '../../src/model/make.ts';
import { defineService, type ServiceDefinition } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process } from '../../src/model/workload.ts';

/** Changes to the parts of the example. */
export interface Change {
  definition?: Partial<ServiceDefinition>;
  declaration?: ReturnType<ServiceDefinition['declare']>;
  process?: Partial<Process>;
  job?: Partial<Job>;
}

const secret = 'example-password';

/**
 * A service that keeps to every rule, and is broken at one place by a change. It logs in to what it declares, and
 * keeps the ledger, so that it is a whole catalogue.
 */
export function exampleService(change: Change = {}): ServiceDefinition {
  return defineService({
    name: 'example',
    summary: 'One process after one job',
    byDefault: true,
    required: true,
    processNames: { 'example-api': { replicas: true, workers: true } },
    configFiles: { 'example.conf': {} },
    declare: () => ({
      secrets: [{ name: secret, kind: 'password' }],
      databases: [{ name: 'example', user: 'example', secret }],
      brokerUsers: [{ user: 'example', secret }],
      accounts: [{ user: 'example', secret, roles: ['service'] }],
      endpoints: [
        {
          service: 'example',
          type: 'example',
          description: 'Example',
          frontend: 'example',
          path: '',
        },
      ],
      frontends: [{ name: 'example', kind: 'http', process: 'example-api', port: 8080, publicPort: 8080 }],
      ...change.declaration,
    }),
    render: (context) => ({
      processes: [
        process({
          name: 'example-api',
          service: 'example',
          image: 'base',
          command: ['example', String(context.workers('example-api', 1))],
          user: userOf('client'),
          files: [
            file(`${CONFIG_DIR}/password`, context.secret(secret), { gid: users.client }),
            file(
              `${CONFIG_DIR}/example.conf`,
              JSON.stringify(context.overrides('example.conf', 'example-api')),
              {
                gid: users.client,
              },
            ),
          ],
          replicas: context.replicas('example-api'),
          ports: [{ name: 'api', port: 8080 }],
          health: { command: ['true'], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
          after: ['job:example-schema'],
          ...change.process,
        }),
      ],
      jobs: [
        job({
          name: 'example-schema',
          service: 'example',
          image: 'base',
          command: ['true'],
          user: userOf('client'),
          ...change.job,
        }),
      ],
      tasks: [],
    }),
    ledger: { process: 'example-api', user: userOf('client'), read: ['true'], record: ['true'] },
    ...change.definition,
  });
}
