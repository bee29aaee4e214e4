import { type Context, REPLICATED, replicasOf } from './settings.ts';

/** A storage policy: `fragments` with data and parity where it is one of erasure coding. */
export interface Policy {
  index: number;
  name: string;
  isDefault: boolean;
  /** Volumes that each object is on. */
  places: number;
  fragments?: { data: number; parity: number };
}

/** All of them, by their index. */
export function policiesOf(context: Context): Policy[] {
  const { policies, defaultPolicy } = context.settings.storage.swift;
  const all = [
    { index: 0, name: REPLICATED, places: replicasOf(context) },
    ...Object.entries(policies).map(([name, { index, replicas = 0, erasureCoding }]) => {
      if (erasureCoding === undefined) return { index, name, places: replicas };
      const [data = 0, parity = 0] = erasureCoding.split('+').map(Number);
      return { index, name, places: data + parity, fragments: { data, parity } };
    }),
  ];
  return all
    .map((one) => ({ ...one, isDefault: one.name === defaultPolicy }))
    .sort((one, other) => one.index - other.index);
}
