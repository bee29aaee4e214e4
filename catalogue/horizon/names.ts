/** Encrypts sessions, and signs cookies. */
export const KEY = 'horizon-sessions';
