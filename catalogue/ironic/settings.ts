import { z } from 'zod';
import type { CheckedCloud } from '../../src/model/service.ts';
import { integer, section, size } from '../../src/model/settings/fields.ts';
import type { SettingsFinding, SettingsOf } from '../../src/model/settings/settings.ts';

export const settings = {
  baremetal: section({
    standalone: z
      .boolean()
      .default(false)
      .describe(
        'The cloud is Ironic and nothing else: no Keystone, no message broker, a database of its own. Machines get addresses of `network.external.pool`. Not on Kubernetes.',
      ),
    virtual: section({
      machines: integer(0, 8)
        .default(0)
        .describe('How many machines there are, each with a controller that speaks Redfish.'),
      memory: size('768MiB')
        .default('1GiB')
        .describe('Memory of each: what Ironic boots there unpacks itself into a part of it.'),
      disk: size('1GiB').default('8GiB').describe('Size of the disk of each, which is empty at first.'),
      cpus: integer(1, 16).default(1).describe('Processors of each.'),
    }).describe(
      'Virtual bare metal, on the external network: machines that QEMU emulates, to try Ironic without any hardware. Not on Kubernetes.',
    ),
  }).describe('Machines without an operating system, which the service `ironic` makes servers of.'),
};

export type IronicSettings = SettingsOf<typeof settings>;

/** What is made on the network that the engine of one machine makes is not made where there are several. */
export function checkSettings(
  { baremetal: { standalone, virtual } }: IronicSettings,
  { hasNodes, isOn }: Pick<CheckedCloud, 'hasNodes' | 'isOn'>,
): SettingsFinding[] {
  const ofOneMachine = [
    { path: ['baremetal', 'standalone'], wanted: standalone },
    { path: ['baremetal', 'virtual', 'machines'], wanted: virtual.machines > 0 },
  ];
  const next = 'Set `engine: docker`, or leave it out.';
  return [
    ...ofOneMachine
      .filter(({ wanted }) => wanted && hasNodes)
      .map(({ path }) => ({
        path,
        beside: ['engine'],
        level: 'error' as const,
        message: 'needs the network that the engine of one machine makes, which Kubernetes does not',
        next,
      })),
    ...(virtual.machines > 0 && !isOn
      ? [
          {
            path: ['baremetal', 'virtual', 'machines'],
            level: 'error' as const,
            message: 'makes machines that nobody deploys while the service ironic is off',
            next: 'Set services.ironic or baremetal.standalone to true.',
          },
        ]
      : []),
  ];
}
