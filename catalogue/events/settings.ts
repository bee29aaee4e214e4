import { quantity, section } from '../../src/model/settings/fields.ts';
import type { SettingsOf } from '../../src/model/settings/settings.ts';

export const settings = {
  events: section({
    keep: quantity('64Mi')
      .default('512Mi')
      .describe(
        'How much of what services have told of is kept: then the oldest go. An event takes about 1 KiB.',
      ),
  }).describe('What services tell of, for `gantry events`.'),
};

export type EventSettings = SettingsOf<typeof settings>;
