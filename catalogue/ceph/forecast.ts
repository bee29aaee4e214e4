import type { ServiceForecast } from '../../src/model/service-forecast.ts';
import { CLUSTER_FILE, CLUSTER_JOB, MONITOR } from './names.ts';

export default {
  job: CLUSTER_JOB,
  process: MONITOR,
  command: ['timeout', '18', 'shape-cluster', '--plan'],
  input: CLUSTER_FILE,
  read: (answer) => {
    const told = JSON.parse(answer) as { changes: string[] } | { refused: string };
    return 'refused' in told ? { text: '', refused: told.refused } : { text: told.changes.join(', ') };
  },
} satisfies ServiceForecast;
