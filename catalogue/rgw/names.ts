export const PROCESS = 'ceph-rgw';
/** The user of Ceph that it is. */
export const CLIENT = 'rgw';
export const ACCOUNT = 'rgw';
/** Below which Swift's API is: S3's has all other paths. RGW's own default. */
export const SWIFT_PATH = '/swift';
