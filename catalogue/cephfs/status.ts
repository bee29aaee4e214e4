import type { ServiceStatus } from '../../src/model/service-status.ts';
import { CLIENT, FILE_SYSTEM, PROCESS } from './names.ts';

/** What `ceph fs dump` has of a server. */
interface Server {
  name: string;
  state: string;
  /** There where nothing was heard of it for a while. */
  laggy_since?: string;
}

interface FileSystems {
  standbys: Server[];
  filesystems: { mdsmap: { fs_name: string; info: Record<string, Server> } }[];
}

export default {
  service: 'cephfs',
  process: PROCESS,
  command: [
    'timeout',
    '9',
    'ceph',
    '--connect-timeout',
    '8',
    '--name',
    `client.${CLIENT}`,
    'fs',
    'dump',
    '--format',
    'json',
  ],
  read(answer) {
    const { standbys, filesystems } = JSON.parse(answer) as FileSystems;
    const map = filesystems.map(({ mdsmap }) => mdsmap).find(({ fs_name }) => fs_name === FILE_SYSTEM);
    const servers = [...Object.values(map?.info ?? {}), ...standbys].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
    const isServed = servers.some(({ state, laggy_since }) => state === 'up:active' && !laggy_since);
    return {
      columns: ['SERVER', 'STATE'],
      rows: servers.map((server) => [`mds.${server.name}`, stateOf(server)]),
      problems: isServed ? [] : [`no server is active for the file system ${FILE_SYSTEM}`],
      data: { fileSystem: FILE_SYSTEM, isServed, servers },
    };
  },
} satisfies ServiceStatus;

/** https://docs.ceph.com/en/reef/cephfs/mds-states/ */
const states: Readonly<Record<string, string>> = {
  'up:active': `active for ${FILE_SYSTEM}`,
  'up:standby': 'standby',
  'up:creating': `makes ${FILE_SYSTEM}`,
};

function stateOf({ state, laggy_since }: Server): string {
  if (laggy_since) return 'does not answer';
  return states[state] ?? `gets ready to be active (${state.replace('up:', '')})`;
}
