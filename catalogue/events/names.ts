export const PROCESS = 'event-log';
/** Where it keeps events. */
export const DATA = '/var/lib/events';
export const READ = ['read-events', DATA] as const;
