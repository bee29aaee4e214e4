import type { RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { job, jsonFile, process } from '../../src/model/make.ts';
import { instanceName } from '../../src/model/per-device.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import type { Job, Process } from '../../src/model/workload.ts';
import { checkSettings } from './check-settings.ts';
import {
  CLIENT,
  CLIENT_KEY,
  configuration,
  DAEMON_PORTS,
  keyring,
  MONITOR_PORT,
  monitorAt,
  pools,
  secrets,
} from './config.ts';
import { CLUSTER_FILE, CLUSTER_JOB, MONITOR } from './names.ts';
import { placementGroups } from './placement-groups.ts';
import { bytesOf, type CephSettings, devicesOf, isDrained, replicasOf, settings } from './settings.ts';

const MANAGER = 'ceph-mgr';
const OSD = 'ceph-osd';

type Context = RenderContext<CephSettings>;

const common = {
  service: 'ceph',
  image: 'ceph',
  user: userOf('ceph'),
  tmpfs: ['/tmp', '/run/ceph'],
};

export default defineService({
  name: 'ceph',
  summary: 'Pools of block devices',
  byDefault: false,
  required: false,
  onOneMachine: true,
  processNames: {
    [MONITOR]: { replicas: false },
    [MANAGER]: { replicas: false },
    [OSD]: { replicas: false, perDevice: true },
  },
  dataVolumes: [MONITOR],
  settings,
  checkSettings,
  declare: () => ({ secrets }),
  gives: {
    blockPool: (context) => ({
      cluster: context.secret('ceph-fsid'),
      monitors: context.hosts(MONITOR).map(monitorAt),
      client: CLIENT,
      secret: CLIENT_KEY,
      pools,
      after: [`job:${CLUSTER_JOB}`],
      reaches: [MONITOR, MANAGER, OSD],
    }),
  },
  givesUsers: ['blockPool'],
  render: (context) => ({
    processes: [monitor(context), manager(context), osd(context)],
    jobs: [clusterJob(context)],
    tasks: [],
  }),
});

/** Clients keep to its address, which the monitors' map has: also those on the network of the node. */
function monitor(context: Context): Process {
  return process({
    ...common,
    name: MONITOR,
    command: ['start-mon', 'a'],
    // Operators give their commands here, and the first start takes all users from the keyring.
    files: [configuration(context), keyring(context)],
    volumes: [{ volume: MONITOR, path: '/var/lib/ceph/mon', sizeGiB: 5 }],
    needs: { reachableFromNode: true },
    ports: [{ name: 'monitor', port: MONITOR_PORT }],
    health: shellHealth(
      'said=$(ask-daemon mon_status) || { echo "$said"; exit 1; }; ' +
        `case $said in *'"state": "leader"'* | *'"state": "peon"'*) ;; *) echo 'the monitor is in no quorum'; exit 1;; esac`,
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    detections: [
      {
        check: 'copies of blocks',
        command: [
          'bash',
          '-c',
          `ceph --connect-timeout 3 osd pool get ${pools.volumes} size | cut -d' ' -f2`,
        ],
        choices: {
          1: 'one: what is on a volume that is lost is lost, and nothing is read or written while its OSD is away',
          2: 'two, on different volumes',
          3: 'three, on different volumes',
        },
      },
    ],
  });
}

function manager(context: Context): Process {
  return process({
    ...common,
    name: MANAGER,
    command: ['ceph-mgr', '-f', '-i', 'a'],
    files: [configuration(context), keyring(context, ['mgr.a'])],
    ports: [{ name: 'manager', port: DAEMON_PORTS[0] }],
    health: shellHealth(
      'said=$(ask-daemon mgr_status) || { echo "$said"; exit 1; }; ' +
        `case $said in *'"initialized": true'*) ;; *) echo 'the manager is not the active one'; exit 1;; esac`,
    ),
    after: [`process:${MONITOR}`],
    reaches: [MONITOR, OSD],
  });
}

function osd(context: Context): Process {
  return process({
    ...common,
    name: OSD,
    command: ['start-osd', String(bytesOf(context))],
    files: [configuration(context), keyring(context, ['client.osd-maker'])],
    on: ['control', 'storage'],
    spread: 'perDevice',
    perDevice: { devices: devicesOf(context), path: '/var/lib/ceph/osd' },
    ports: DAEMON_PORTS.map((port, index) => ({ name: `osd-${index}`, port })),
    health: shellHealth(
      'said=$(ask-daemon status) || { echo "$said"; exit 1; }; ' +
        `case $said in *'"state": "active"'*) ;; *) echo "$said" | grep -o '"state": "[a-z]*"'; exit 1;; esac`,
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: [`process:${MONITOR}`],
    reaches: [MONITOR, MANAGER, OSD],
  });
}

/** Brings the cluster's users, pools and OSDs to what they are to be. */
function clusterJob(context: Context): Job {
  const wanted = {
    copies: replicasOf(context),
    pools: placementGroups(devicesOf(context).length, replicasOf(context)),
    osds: devicesOf(context).map((device) => instanceName(OSD, device)),
    drained: devicesOf(context)
      .filter((_, index) => isDrained(context, index))
      .map((device) => instanceName(OSD, device)),
  };
  return job({
    ...common,
    name: CLUSTER_JOB,
    command: ['shape-cluster', CLUSTER_FILE],
    files: [configuration(context), keyring(context), jsonFile(CLUSTER_FILE, wanted, { gid: users.ceph })],
    after: [`process:${MONITOR}`, `process:${MANAGER}`, `process:${OSD}`],
    reaches: [MONITOR, MANAGER, OSD],
    timeoutSeconds: 600,
  });
}
