import { z } from 'zod';
import { integer, section, word } from '../../src/model/settings/fields.ts';
import { outside, type SettingsOf } from '../../src/model/settings/settings.ts';
import type { Drivers } from './drivers.ts';

const mtu = integer(576, 65_535)
  .optional()
  .describe(
    'Largest packet, in bytes, that the network below carries: the interface of the external network, and on Kubernetes the network between the nodes. 1500 where not given. Networks of servers get what is left of it.',
  );

/** Neutron's part of the networks. */
export function settingsWith(drivers: Drivers) {
  return {
    network: section({
      driver: z
        .enum(drivers.map(({ name }) => name))
        .default(drivers[0].name)
        .describe("Neutron's network driver."),
      mtu: outside(mtu, { names: 'what the wire below carries', checks: [{ when: 'plan', by: 'MTU' }] }),
      external: section({
        physicalNetwork: word(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, hyphens and underscores')
          .default('external')
          .describe("Neutron's name of the physical network."),
      }),
    }),
  };
}

export type NeutronSettings = SettingsOf<ReturnType<typeof settingsWith>>;
