import { z } from 'zod';
import type { CheckedCloud } from '../../src/model/service.ts';
import { interfaceName, section } from '../../src/model/settings/fields.ts';
import { outside, type SettingsFinding, type SettingsOf } from '../../src/model/settings/settings.ts';

const wire = interfaceName()
  .optional()
  .describe(
    'Network interface of the host to attach the external network to. Without it the external network exists on the host only, and on Kubernetes leads nowhere. One with an address or a route of the host is refused.',
  );

/** What the switch attaches the external network to. */
export const settings = {
  network: section({
    external: section({
      interface: outside(wire, {
        names: 'a network interface of the machine, or of nodes',
        checks: [
          { when: 'plan', by: 'external interface' },
          { when: 'run', by: 'check-wire' },
        ],
      }),
      takeAddress: z
        .boolean()
        .default(false)
        .describe(
          'Attach the interface though it has addresses or routes of the host, which do not work any more from then on: for those who move them to `br-ex` or another interface themselves.',
        ),
    }),
  }),
};

export type SwitchSettings = SettingsOf<typeof settings>;

/** What changes nothing with an interface, without one, or without a switch. */
export function findIdle(
  { network: { external } }: SwitchSettings,
  { isOn }: Pick<CheckedCloud, 'isOn'>,
): SettingsFinding[] {
  if (external.interface !== undefined && !isOn) {
    return [
      {
        path: ['network', 'external', 'interface'],
        level: 'warning',
        message: 'has no effect in a cloud without a switch: the engine makes the external network',
      },
    ];
  }
  if (external.interface !== undefined) {
    return [
      {
        path: ['network', 'external', 'nat'],
        level: 'warning',
        message: 'has no effect with an interface: the router of that network does it',
      },
    ];
  }
  if (!external.takeAddress) return [];
  return [
    {
      path: ['network', 'external', 'takeAddress'],
      level: 'warning',
      message: 'has no effect without network.external.interface',
    },
  ];
}
