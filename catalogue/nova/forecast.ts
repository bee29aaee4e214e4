import type { ServiceForecast } from '../../src/model/service-forecast.ts';
import { DISKS_FILE, DISKS_JOB } from './disks.ts';

/** Where disks are local, nova-compute does not have the command: the job refuses then, before anything of Nova changes. */
export default {
  job: DISKS_JOB,
  process: 'nova-compute',
  command: ['check-disks', '--plan'],
  input: DISKS_FILE,
  read: (answer) => ({ text: '', ...(JSON.parse(answer) as { refused?: string }) }),
} satisfies ServiceForecast;
