import { connect } from 'node:net';
import type { Finding } from '../../src/model/finding.ts';
import type { Workload } from '../../src/model/workload.ts';

/** NFS 4 needs no other port (RFC 7530, section 3.1). */
const NFS_PORT = 2049;
const LIMIT_MS = 3000;

/** Exports that volumes are, each once. */
export function exportsOf(workloads: readonly Pick<Workload, 'volumes'>[]): string[] {
  const all = workloads.flatMap(({ volumes }) => volumes.flatMap((one) => one.export ?? []));
  return [...new Set(all)];
}

/** Whether somebody answers where exports are said to be: the engine would wait for minutes for one who does not. */
export async function checkExports(
  workloads: readonly Pick<Workload, 'volumes'>[],
  problemOf: (host: string) => Promise<string | undefined> = portProblem,
): Promise<Finding[]> {
  return Promise.all(
    exportsOf(workloads).map(async (name): Promise<Finding> => {
      const [host = ''] = name.split(':');
      const check = 'NFS export';
      const problem = await problemOf(host);
      if (problem === undefined) return { check, level: 'ok', message: `${name}: its server answers` };
      return {
        check,
        level: 'error',
        message: `${name}: ${host} does not answer at port ${NFS_PORT}: ${problem}`,
        next: 'Let its server answer this machine by NFS 4.1, or name another export in cloud.yaml.',
      };
    }),
  );
}

/** Why nobody can be reached there; undefined where somebody is. */
function portProblem(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: NFS_PORT, timeout: LIMIT_MS });
    const end = (problem?: string) => {
      socket.destroy();
      resolve(problem);
    };
    socket.on('connect', () => end());
    socket.on('timeout', () => end(`no answer within ${LIMIT_MS / 1000} s`));
    socket.on('error', ({ message }) => end(message));
  });
}
