/** Where files of its user are while OpenStack's client works with them, in its container. */
export const CLIENT_FILES = '/var/lib/client';
