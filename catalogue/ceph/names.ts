import { CONFIG_DIR } from '../../src/model/workload.ts';

export const MONITOR = 'ceph-mon';
export const CLUSTER_JOB = 'ceph-cluster';
/** What the cluster is to be. */
export const CLUSTER_FILE = `${CONFIG_DIR}/cluster.json`;
