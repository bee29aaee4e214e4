import { z } from 'zod';
import { positiveNumber, section, size } from '../../src/model/settings/fields.ts';
import { outside, type SettingsOf } from '../../src/model/settings/settings.ts';

const virtType = z
  .enum(['auto', 'kvm', 'qemu'])
  .default('auto')
  .describe(
    'How servers are run. `auto` is `kvm` on nodes where a tiny guest boots with it, else `qemu`; with `kvm` the others run no servers, and `up` says why.',
  );

const reservedMemory = size('1B').optional().describe('Memory of the host that servers do not get.');

export const settings = {
  compute: section({
    virtType: outside(virtType, {
      names: 'what processors and kernel can do',
      checks: [{ when: 'up', by: 'virtualisation' }],
    }),
    cpuRatio: positiveNumber(1000)
      .optional()
      .describe("Virtual CPUs per CPU of the host; Nova's own default if not given."),
    ramRatio: positiveNumber(1000)
      .optional()
      .describe("Memory of servers per memory of the host; Nova's own default if not given."),
    reservedMemory: outside(reservedMemory, {
      names: 'memory of the machine',
      checks: [{ when: 'up', by: 'reserved memory' }],
    }),
  }).describe('The compute service.'),
};

export type NovaSettings = SettingsOf<typeof settings>;
