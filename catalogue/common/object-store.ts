/** What Swift and what is in its place have alike. */

/** Keystone's role of those that may use what any project has, set its quotas, and remove it. */
export const RESELLER_ADMIN = 'ResellerAdmin';

/** Public, and inside the cloud. */
export const OBJECT_PORT = 8080;
