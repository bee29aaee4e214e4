import { describe } from 'vitest';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { testTempest } from './parts/tempest.ts';

/** OpenStack's own tests of stacks, and of alarms and measures, on a real Docker Engine. */
const group = useGroupCloud('e2eheattempest', 'services: {heat: true, telemetry: true}\n');

describe('stacks and alarms', () => {
  testComing(group);
  testTempest(group, {
    pattern:
      '^(heat_tempest_plugin\\.tests\\.(api|functional)|telemetry_tempest_plugin\\.(aodh|scenario\\.test_gnocchi))\\.',
    parts: [
      'heat_tempest_plugin.tests.api',
      'heat_tempest_plugin.tests.functional',
      'telemetry_tempest_plugin.aodh.api',
      'telemetry_tempest_plugin.scenario.test_gnocchi',
    ],
    limitMs: 20 * 60_000,
  });
  testGoing(group);
});
