import type { Job, Process, RenderedFile } from './workload.ts';

type ProcessInput = Partial<Process> &
  Pick<Process, 'name' | 'service' | 'image' | 'command' | 'user' | 'health'>;
type JobInput = Partial<Job> & Pick<Job, 'name' | 'service' | 'image' | 'command' | 'user'>;

const baseDefaults = {
  files: [],
  volumes: [],
  hostMounts: [],
  tmpfs: ['/tmp'],
  readOnlyRoot: true,
  needs: {},
  on: ['control'] as const,
  after: [],
  reaches: [],
  resources: {},
};

/** A process with the defaults filled: unprivileged, read-only root, /tmp in memory, one replica, replaced in place. */
export function process(input: ProcessInput): Process {
  return {
    ...baseDefaults,
    spread: 'replicas',
    replicas: 1,
    update: 'recreate',
    ports: [],
    stop: { signal: 'SIGTERM', graceSeconds: 10 },
    aliases: [],
    ...input,
    kind: 'process',
  };
}

/** A job with the defaults filled. */
export function job(input: JobInput): Job {
  return { ...baseDefaults, timeoutSeconds: 300, ...input, kind: 'job' };
}

/** A rendered file readable by the process's user only; owned by root, so that the process cannot change it. */
export function file(
  path: string,
  content: string,
  options: Partial<RenderedFile> & { gid: number },
): RenderedFile {
  return { path, content, mode: 0o440, uid: 0, secret: true, reloadable: false, ...options };
}

/** A rendered file of JSON, which is YAML as well. */
export function jsonFile(path: string, content: unknown, options: { gid: number }): RenderedFile {
  return file(path, `${JSON.stringify(content, null, 2)}\n`, options);
}
