import { CONFIG_DIR } from '../../src/model/workload.ts';

export const MONITOR = 'ceph-mon';
export const CLUSTER_JOB = 'ceph-cluster';
/** What the cluster is to be. */
export const CLUSTER_FILE = `${CONFIG_DIR}/cluster.json`;
/** Those who use pools, as the job makes them. */
export const CLIENTS_KEYRING = `${CONFIG_DIR}/clients.keyring`;
/** The OSDs in volumes, and those that have a device of the node. */
export const OSD = 'ceph-osd';
export const DISK = 'ceph-disk';
