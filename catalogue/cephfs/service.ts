import { type RenderContext, spansNodes } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { shellHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf } from '../../src/model/users.ts';
import type { Process } from '../../src/model/workload.ts';
import { needsCeph } from '../common/needs-ceph.ts';
import { CLIENT_KEY, configFiles, fileClient, groups, pools, SERVER_KEY, SERVER_PORTS } from './config.ts';
import { CLIENT, FILE_SYSTEM, PROCESS } from './names.ts';

export default defineService({
  name: 'cephfs',
  summary: "A file system in Ceph's pools",
  byDefault: false,
  required: false,
  processNames: { [PROCESS]: { replicas: true } },
  checkSettings: (_settings, cloud) => needsCeph('cephfs', 'files', cloud),
  declare: (): ServiceDeclaration => ({
    secrets: [
      { name: SERVER_KEY, kind: 'cephx' },
      { name: CLIENT_KEY, kind: 'cephx' },
    ],
    pools: [
      {
        client: CLIENT,
        secret: CLIENT_KEY,
        application: 'cephfs',
        groups,
        fileSystem: {
          name: FILE_SYSTEM,
          pools,
          servers: { process: PROCESS, secret: SERVER_KEY },
        },
      },
    ],
  }),
  gives: {
    fileSystem: (context) => {
      const { cluster, monitors, reaches } = take(context, 'cephCluster');
      return {
        cluster,
        monitors,
        fileSystem: FILE_SYSTEM,
        client: fileClient(context),
        after: [`process:${PROCESS}`],
        reaches: [PROCESS, ...reaches],
      };
    },
  },
  givesUsers: ['fileSystem'],
  render: (context) => ({ processes: [taking(context, server)], jobs: [], tasks: [] }),
});

/** One serves, and the others wait to go on in its place: it keeps nothing itself. */
function server(context: RenderContext): Process {
  return process({
    name: PROCESS,
    service: 'cephfs',
    image: 'cephfs',
    user: userOf('ceph'),
    command: ['start-mds'],
    files: configFiles(context),
    tmpfs: ['/tmp', '/run/ceph'],
    replicas: context.replicas(PROCESS),
    // Of two with one name, one would end the other.
    update: 'recreate',
    needs: { instanceNames: spansNodes(context) },
    ports: SERVER_PORTS.map((port, index) => ({ name: `files-${index}`, port })),
    health: shellHealth(
      'said=$(ask-daemon status) || { echo "$said"; exit 1; }; ' +
        `case $said in *'"state": "up:active"'* | *'"state": "up:standby"'*) ;; ` +
        `*) echo "$said" | grep -o '"state": "[a-z:]*"'; exit 1;; esac`,
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    reaches: [PROCESS],
  });
}
