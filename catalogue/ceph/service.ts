import type { RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, job, jsonFile, process } from '../../src/model/make.ts';
import type { CephAccess } from '../../src/model/offers.ts';
import { instanceName } from '../../src/model/per-device.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process, type Ref } from '../../src/model/workload.ts';
import { checkSettings, TARGET_PERCENT } from './check-settings.ts';
import {
  configuration,
  DAEMON_PORTS,
  hypervisorClient,
  keyring,
  MONITOR_PORT,
  monitorHosts,
  monitorsOf,
  poolClient,
  pools,
  secrets,
} from './config.ts';
import {
  applicationsOf,
  clientsKeyring,
  declaredGroups,
  fileServers,
  fileSystemsOf,
} from './declared-pools.ts';
import { CLUSTER_FILE, CLUSTER_JOB, DISK, MONITOR, OSD } from './names.ts';
import { placementGroups } from './placement-groups.ts';
import {
  bytesOf,
  type CephSettings,
  devicesOf,
  placesOf,
  replicasOf,
  settings,
  volumesOf,
} from './settings.ts';

const MANAGER = 'ceph-mgr';

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
  processNames: {
    [MONITOR]: { replicas: true, cluster: 'majority' },
    [MANAGER]: { replicas: false },
    [OSD]: { replicas: false, perDevice: (settings) => volumesOf({ settings }) },
    [DISK]: { replicas: false, perDevice: (settings) => devicesOf({ settings }) },
  },
  dataVolumes: [MONITOR],
  settings,
  checkSettings,
  declare: () => ({ secrets }),
  gives: {
    cephCluster: access,
    blockPool: (context) => ({
      ...access(context),
      clients: {
        volumes: hypervisorClient(context, 'volumes'),
        images: poolClient(context, 'images'),
        servers: hypervisorClient(context, 'servers'),
      },
      pools,
    }),
  },
  givesUsers: ['cephCluster', 'blockPool'],
  render: (context) => ({
    processes: [
      monitor(context),
      manager(context),
      osd(context, OSD, { devices: volumesOf(context), path: '/var/lib/ceph/osd', named: true }),
      osd(context, DISK, {
        devices: devicesOf(context),
        path: '/dev/osd',
        content: ['ceph_bluestore'],
        named: true,
      }),
    ],
    jobs: [clusterJob(context)],
    tasks: [],
  }),
});

function access(context: Context): CephAccess {
  return {
    cluster: context.secret('ceph-fsid'),
    monitors: monitorsOf(context),
    after: [`job:${CLUSTER_JOB}`],
    reaches: [MONITOR, MANAGER, ...osdsOf(context)],
  };
}

/** The processes of OSDs that there are. */
function osdsOf(context: Context): string[] {
  return [...(volumesOf(context).length > 0 ? [OSD] : []), ...(devicesOf(context).length > 0 ? [DISK] : [])];
}

/** Clients keep to their addresses, which the monitors' map has, and servers for as long as they have a volume. */
function monitor(context: Context): Process {
  const hosts = monitorHosts(context);
  return process({
    ...common,
    name: MONITOR,
    command: ['start-mon'],
    replicas: hosts.length,
    files: [
      configuration(context),
      // Operators give their commands here, and the first start takes from it what keeps the cluster.
      keyring(context),
      file(`${CONFIG_DIR}/monitors`, `${hosts.join('\n')}\n`, { gid: users.ceph, secret: false }),
    ],
    volumes: [{ volume: MONITOR, path: '/var/lib/ceph/mon', sizeGiB: 5 }],
    needs: { reachableFromNode: true, keepsAddress: true },
    // With the tools of operators, and by what asks for the state of the cluster.
    reaches: [MANAGER, ...osdsOf(context), ...fileServers(context)],
    ports: [{ name: 'monitor', port: MONITOR_PORT }],
    health: shellHealth(
      'said=$(ask-daemon mon_status) || { echo "$said"; exit 1; }; ' +
        `case $said in *'"state": "leader"'* | *'"state": "peon"'*) touch /run/ceph/was-member ;; ` +
        `*) echo 'the monitor is in no quorum'; exit 1;; esac`,
      // One that joins waits for those that serve, and gets all that they have.
      hosts.length > 1 ? { startSeconds: 300 } : {},
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    shrink: { command: ['keep-monitors', '--fewer'], timeoutSeconds: 120 },
    detections: [
      {
        check: 'clocks of monitors',
        command: ['keep-monitors', '--clocks'],
        choices: {
          one: 'one monitor, which has nothing to be compared with',
          together: 'within 0.05 s of each other',
          apart:
            'more than 0.05 s apart: `gantry status` says whose. Have NTP set those of all control nodes',
        },
      },
      {
        check: 'copies of blocks',
        command: ['bash', '-c', `shape-cluster --copies ${pools.volumes}`],
        choices: {
          1: 'one: what is on a volume that is lost is lost, and nothing is read or written while its OSD is away',
          2: 'two, on different volumes',
          3: 'three, on different volumes',
          '2 nodes': 'two, on different nodes',
          '3 nodes': 'three, on different nodes',
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
    // Subvolumes are made by it, as a client of the file system.
    reaches: [MONITOR, ...osdsOf(context), ...fileServers(context)],
  });
}

function osd(context: Context, name: string, perDevice: Process['perDevice'] & object): Process {
  return process({
    ...common,
    name,
    command: ['start-osd', String(bytesOf(context)), String(TARGET_PERCENT)],
    files: [configuration(context), keyring(context, ['client.osd-maker'])],
    on: ['control', 'storage'],
    spread: 'perDevice',
    perDevice,
    needs: { nodeName: true },
    ports: DAEMON_PORTS.map((port, index) => ({ name: `osd-${index}`, port })),
    health: shellHealth(
      'said=$(ask-daemon status) || { echo "$said"; exit 1; }; ' +
        `case $said in *'"state": "active"'*) ;; *) echo "$said" | grep -o '"state": "[a-z]*"'; exit 1;; esac`,
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
    after: [`process:${MONITOR}`],
    reaches: [MONITOR, MANAGER, ...osdsOf(context)],
  });
}

/** Brings the cluster's users, pools and OSDs to what they are to be. */
function clusterJob(context: Context): Job {
  const { drain } = context.settings.storage.ceph;
  const hosts = [
    ...volumesOf(context).map((volume) => instanceName(OSD, volume)),
    ...devicesOf(context).map((device) => instanceName(DISK, device)),
  ];
  const places = placesOf(context);
  const wanted = {
    copies: replicasOf(context),
    pools: placementGroups(hosts.length, replicasOf(context), declaredGroups(context)),
    applications: applicationsOf(context),
    fileSystems: fileSystemsOf(context),
    osds: hosts,
    drained: hosts.filter((_, index) => drain.includes(places[index] ?? '')),
  };
  return job({
    ...common,
    name: CLUSTER_JOB,
    command: ['shape-cluster', CLUSTER_FILE],
    files: [
      configuration(context),
      keyring(context),
      clientsKeyring(context),
      jsonFile(CLUSTER_FILE, wanted, { gid: users.ceph }),
    ],
    after: [MONITOR, MANAGER, ...osdsOf(context)].map((name): Ref => `process:${name}`),
    reaches: [MONITOR, MANAGER, ...osdsOf(context)],
    timeoutSeconds: 600,
  });
}
