/** The key-encryption key: what the keys of projects are encrypted with, by which their secrets are. */
export const KEK = 'barbican-kek';
export const API = 'barbican-api';
