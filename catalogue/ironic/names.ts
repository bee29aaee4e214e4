/** Where the API answers, in public as well. */
export const API_PORT = 6385;
/** Where machines get what they boot, over HTTP, and Redfish of virtual machines answers: on the node's own network. */
export const BOOT_PORT = 6388;
export const BMC_PORT = 6389;

/** Whom the API of Ironic alone lets in, and whom controllers of virtual machines do; with the names of the passwords. */
export const USER = 'admin';
export const PASSWORD = 'ironic-admin';
export const BMC_PASSWORD = 'virtual-bmc';
