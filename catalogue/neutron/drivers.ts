import type { NeutronDriver } from './drivers/driver.ts';
import { ovn } from './drivers/ovn.ts';

/** What `network.driver` may name; the first is that of clouds that name none. */
export type Drivers = readonly [NeutronDriver, ...NeutronDriver[]];

export const drivers: Drivers = [ovn];

export function driverNamed(name: string, among: Drivers = drivers): NeutronDriver {
  const driver = among.find((one) => one.name === name);
  if (!driver) throw new Error(`Neutron has no driver ${name}`);
  return driver;
}
