import { z } from 'zod';
import { integer, section } from '../../src/model/settings/fields.ts';
import type { SettingsOf } from '../../src/model/settings/settings.ts';

export const settings = {
  telemetry: section({
    interval: integer(10, 300)
      .default(30)
      .describe('Seconds between two measurements. Alarms look at periods of at least as many.'),
    inventory: z
      .boolean()
      .default(false)
      .describe('Images, volumes and floating IPs are measured as well, by a process more.'),
  }).describe('What is measured, with the service `telemetry`.'),
};

export type TelemetrySettings = SettingsOf<typeof settings>;
