import { shellHealth } from '../../src/model/health.ts';
import { job, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf } from '../../src/model/users.ts';

/** The image has no bash. */
const health = { ...shellHealth('true'), command: ['true'] };
const common = { service: 'embedded', image: 'embedded', user: userOf('client') };
const forever = { ...common, command: ['sleep', '1d'], health };

/**
 * The only service of the smallest cloud: what keeps the ledger, a job, and a process that comes after it. It takes the
 * place of the catalogue in a copy of the project (test/e2e/embedding.test.ts).
 */
export default defineService({
  name: 'embedded',
  summary: 'A cloud that is up in seconds',
  byDefault: true,
  required: true,
  processNames: { keeper: { replicas: false }, greeter: { replicas: false } },
  declare: () => ({}),
  ledger: {
    process: 'keeper',
    user: userOf('client'),
    read: ['sh', '-c', 'cat /tmp/ledger 2>/dev/null; true'],
    record: ['sh', '-c', 'cat >> /tmp/ledger'],
  },
  render: () => ({
    processes: [
      process({ ...forever, name: 'keeper' }),
      process({ ...forever, name: 'greeter', after: ['job:greeting'] }),
    ],
    jobs: [job({ ...common, name: 'greeting', command: ['echo', 'hello'] })],
    tasks: [],
  }),
});
