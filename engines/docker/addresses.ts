import { createHash } from 'node:crypto';
import { GantryError } from '../../src/errors.ts';
import { containsAddress, nthAddress, prefixOf, sizeOf } from '../../src/model/cidr.ts';

/** The upper half of a network, from which the engine hands out addresses by itself. */
export function dynamicRange(cidr: string): string {
  return `${nthAddress(cidr, sizeOf(cidr) / 2)}/${prefixOf(cidr) + 1}`;
}

/**
 * Fixed addresses for `names` in the lower half of a network; its first two addresses stay free for the
 * network itself and the gateway. A name in `taken` keeps its address while that is in the network. A new
 * one gets the address its hash points at, or the next free one, in the order of names: the same input
 * gives the same addresses.
 */
export function allocateAddresses(
  cidr: string,
  names: Iterable<string>,
  taken: Record<string, string> = {},
): Record<string, string> {
  const slots = sizeOf(cidr) / 2 - 2;
  const kept = new Map(Object.entries(taken).filter(([, address]) => containsAddress(cidr, address)));
  const used = new Set(kept.values());
  const allocated: Record<string, string> = {};
  for (const name of [...new Set(names)].sort()) {
    const address = kept.get(name) ?? firstFree(cidr, slots, name, used);
    used.add(address);
    allocated[name] = address;
  }
  return allocated;
}

function firstFree(cidr: string, slots: number, name: string, used: ReadonlySet<string>): string {
  const start = createHash('sha256').update(name).digest().readUInt32BE(0);
  for (let probe = 0; probe < slots; probe++) {
    const candidate = nthAddress(cidr, 2 + ((start + probe) % slots));
    if (!used.has(candidate)) return candidate;
  }
  throw new GantryError({
    code: 'network.full',
    whose: 'user',
    message: `The network ${cidr} has no fixed address left for ${name}`,
    next: 'Give the internal network a larger range.',
  });
}
