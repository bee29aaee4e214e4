import { CONFIG_DIR } from '../../src/model/workload.ts';

/** What the rings are to be. */
export const RINGS_FILE = `${CONFIG_DIR}/rings.json`;

/** Ports of a storage process, by what answers there. */
export const PORTS = { object: 6200, container: 6201, account: 6202 } as const;
/** Where a storage process takes databases that it has nothing of yet, by rsync. */
export const RSYNC_PORT = 6203;

/**
 * What Swift calls daemons, each a pass every so many seconds: the defaults of Swift, but for what would look through an
 * empty device twice a minute.
 */
export const daemons = [
  {
    name: 'account-replicator',
    class: 'swift.account.replicator:AccountReplicator',
    config: 'account-server.conf',
    interval: 60,
  },
  {
    name: 'account-auditor',
    class: 'swift.account.auditor:AccountAuditor',
    config: 'account-server.conf',
    interval: 1800,
  },
  {
    name: 'account-reaper',
    class: 'swift.account.reaper:AccountReaper',
    config: 'account-server.conf',
    interval: 3600,
  },
  {
    name: 'container-replicator',
    class: 'swift.container.replicator:ContainerReplicator',
    config: 'container-server.conf',
    interval: 60,
  },
  {
    name: 'container-auditor',
    class: 'swift.container.auditor:ContainerAuditor',
    config: 'container-server.conf',
    interval: 1800,
  },
  {
    name: 'container-updater',
    class: 'swift.container.updater:ContainerUpdater',
    config: 'container-server.conf',
    interval: 30,
  },
  {
    name: 'container-sharder',
    class: 'swift.container.sharder:ContainerSharder',
    config: 'container-server.conf',
    interval: 300,
  },
  {
    name: 'object-replicator',
    class: 'swift.obj.replicator:ObjectReplicator',
    config: 'object-server.conf',
    interval: 60,
  },
  {
    name: 'object-auditor',
    class: 'swift.obj.auditor:ObjectAuditor',
    config: 'object-server.conf',
    interval: 300,
  },
  {
    name: 'object-updater',
    class: 'swift.obj.updater:ObjectUpdater',
    config: 'object-server.conf',
    interval: 60,
  },
  {
    name: 'object-expirer',
    class: 'swift.obj.expirer:ObjectExpirer',
    config: 'object-server.conf',
    interval: 300,
  },
  { name: 'device-report', function: 'swift_report:report', interval: 30 },
] as const;

/** Where there are policies of erasure coding: makes fragments that are lost again. */
export const reconstructor = {
  name: 'object-reconstructor',
  class: 'swift.obj.reconstructor:ObjectReconstructor',
  config: 'object-server.conf',
  interval: 60,
} as const;

/** Of the proxy, where there are several policies: moves objects that came into a container by another one than it has. */
export const reconciler = {
  name: 'container-reconciler',
  class: 'swift.container.reconciler:ContainerReconciler',
  config: 'container-reconciler.conf',
  interval: 300,
} as const;

/** Of the proxy: goes on with what of the rings could not be moved before. */
export const ringDaemon = { name: 'rings', function: 'swift_rings:go_on', interval: 300 } as const;
