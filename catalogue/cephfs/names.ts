export const PROCESS = 'ceph-mds';
/** Of the only one. */
export const FILE_SYSTEM = 'cephfs';
/** The user of Ceph that makes subvolumes. */
export const CLIENT = 'subvolumes';
