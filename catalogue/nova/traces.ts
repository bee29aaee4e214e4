import type { ComputeTraces, VolumeRecords } from '../../src/model/offers.ts';

/** What stands in a line of the metadata API's log before the status of an answer. */
export function answeredTo(server: string): string {
  return `for server ${server}: `;
}

export const traces: ComputeTraces = {
  metadata: { process: 'nova-metadata', text: answeredTo('{server}') },
  logs: { placing: ['nova-scheduler', 'nova-conductor'], running: ['nova-compute'] },
};

/** In a process that knows Nova's databases. */
export const volumeRecords: VolumeRecords = { process: 'nova-conductor', command: ['volume-record'] };
