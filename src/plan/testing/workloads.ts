import type { Desired, DesiredImage } from '../../model/desired.ts';
import { job, process } from '../../model/make.ts';
import type { Observed } from '../../model/observed.ts';
import type { Task } from '../../model/task.ts';
import type { Job, Process, RenderedFile } from '../../model/workload.ts';

/** A file of a workload in a test. */
export function makeFile(path: string, content: string, more: Partial<RenderedFile> = {}): RenderedFile {
  return { path, content, mode: 0o440, uid: 913, gid: 913, secret: false, reloadable: false, ...more };
}

/** A process that differs from the plainest one only by what is given. */
export function makeProcess(name: string, more: Partial<Process> = {}): Process {
  return process({
    name,
    service: name.split('-')[0] as string,
    image: 'base',
    command: [name],
    user: '913:913',
    tmpfs: [],
    update: 'rolling',
    health: { command: ['true'], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
    ...more,
  });
}

/** A job that differs from the plainest one only by what is given. */
export function makeJob(name: string, more: Partial<Job> = {}): Job {
  return job({
    name,
    service: name.split('-')[0] as string,
    image: 'base',
    command: [name],
    user: '913:913',
    tmpfs: [],
    timeoutSeconds: 60,
    ...more,
  });
}

/** A registration task with nothing to register but its name. */
export function makeTask(name: string, more: Partial<Task> = {}): Task {
  return {
    name,
    service: 'keystone',
    action: { type: 'identity.register', accounts: [], endpoints: [] },
    after: [],
    ...more,
  };
}

/** An image whose reference follows from its hash. */
export function makeImage(name: string, hash = 'aaaaaaaaaaaa', parents: string[] = []): DesiredImage {
  return { name, hash, reference: `gantry/${name}:${hash}`, parents };
}

/** A cloud of a database and what is given. */
export function makeDesired(more: Partial<Desired> = {}): Desired {
  return {
    cloud: 'demo',
    images: [makeImage('base')],
    networks: [{ name: 'demo', role: 'internal', subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
    volumes: ['mariadb'],
    processes: [makeMariadb()],
    jobs: [],
    tasks: [],
    endpoints: [],
    ledger: { process: 'mariadb', user: '900:900', read: ['read'], record: ['record'] },
    publicAddress: '127.0.0.1',
    ...more,
  };
}

/** The database that keeps the ledger. */
export function makeMariadb(more: Partial<Process> = {}): Process {
  return makeProcess('mariadb', {
    update: 'recreate',
    volumes: [{ volume: 'mariadb', path: '/data' }],
    ...more,
  });
}

/** An engine that holds nothing of the cloud. */
export function observeNothing(): Observed {
  return { images: [], networks: [], volumes: [], instances: [], ledger: undefined };
}
