import type { NeutronDriver } from './drivers/driver.ts';
import { ovn } from './drivers/ovn.ts';

/** What `network.driver` may name; the first is that of clouds that name none. */
export const drivers: readonly [NeutronDriver, ...NeutronDriver[]] = [ovn];

export function driverNamed(name: string): NeutronDriver {
  const driver = drivers.find((one) => one.name === name);
  if (!driver) throw new Error(`Neutron has no driver ${name}`);
  return driver;
}
