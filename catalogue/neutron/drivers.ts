import type { RenderContext } from '../../src/model/context.ts';
import type { NeutronDriver } from './drivers/driver.ts';
import { ovn } from './drivers/ovn.ts';

/** What `network.driver` may name. */
export const drivers: readonly NeutronDriver[] = [ovn];

/** The driver of this cloud. */
export function driverOf(context: RenderContext): NeutronDriver {
  return driverNamed(context.networkDriver().name);
}

export function driverNamed(name: string): NeutronDriver {
  const driver = drivers.find((one) => one.name === name);
  if (!driver) throw new Error(`Neutron has no driver ${name}`);
  return driver;
}
