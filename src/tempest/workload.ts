import { file, job } from '../model/make.ts';
import { userOf, users } from '../model/users.ts';
import { CONFIG_DIR, type Job } from '../model/workload.ts';
import { AUTHORITY_FILE } from './part.ts';

/** Where the program of the image looks for the ids of the tests to run. */
const TESTS_FILE = `${CONFIG_DIR}/tests`;

/** Prints the ids of all tests there are, one a line. */
export function listingJob(): Job {
  return tempestJob({ command: ['list'], files: {}, timeoutSeconds: 120 });
}

export interface TestRun {
  tests: readonly string[];
  /** tempest.conf, with credentials. */
  config: string;
  /** PEM of the authority that signed the endpoints' certificates; undefined where the system knows it. */
  authority: string | undefined;
  /** Tests at the same time. */
  workers: number;
  timeoutSeconds: number;
}

/** Runs tests; the results come as subunit on standard output, what the tests log on standard error. */
export function testJob(run: TestRun): Job {
  return tempestJob({
    command: ['run', String(run.workers)],
    files: {
      [`${CONFIG_DIR}/tempest.conf`]: run.config,
      [TESTS_FILE]: run.tests.map((id) => `${id}\n`).join(''),
      ...(run.authority === undefined ? {} : { [AUTHORITY_FILE]: run.authority }),
    },
    timeoutSeconds: run.timeoutSeconds,
  });
}

function tempestJob(wanted: {
  command: string[];
  files: Record<string, string>;
  timeoutSeconds: number;
}): Job {
  return job({
    name: 'tempest',
    service: 'tempest',
    image: 'tempest',
    command: ['run-tempest', ...wanted.command],
    user: userOf('tempest'),
    files: Object.entries(wanted.files).map(([path, content]) => file(path, content, { gid: users.tempest })),
    tmpfs: ['/tmp', '/var/lib/tempest'],
    // It goes where users go: public endpoints, which may be loopback, and floating IPs. Its ping has a capability.
    needs: { hostNetwork: true, setuid: true, capabilities: ['NET_RAW'] },
    timeoutSeconds: wanted.timeoutSeconds,
  });
}
