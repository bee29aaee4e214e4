import { parseQuantity } from '../../../src/model/settings/units.ts';
import type { Resources } from '../../../src/model/workload.ts';
import type { Pod } from '../api/objects.ts';

/** The inverse of what a pod was given; see render/pod.ts. Whoever writes to the cluster may have other words for it. */
export function resourcesOf({ spec }: Pick<Pod, 'spec'>): Resources {
  const { limits = {}, requests = {} } = spec.containers[0]?.resources ?? {};
  const [memory, cpus] = [bytesOf(limits.memory), coresOf(limits.cpu)];
  const isGuaranteed =
    memory !== undefined &&
    cpus !== undefined &&
    bytesOf(requests.memory) === memory &&
    coresOf(requests.cpu) === cpus;
  return {
    ...(memory === undefined ? {} : { memoryMiB: memory / 1024 ** 2 }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(isGuaranteed ? { guaranteed: true } : {}),
  };
}

function bytesOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseQuantity(text);
}

/** CPUs of a quantity in whole ones, or in parts: `4`, `1500m`, and as the metrics server counts `12345678n`, `12345u`. */
export function coresOf(text: string | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([num]?)$/.exec(text ?? '') ?? [];
  const parts: Record<string, number> = { n: 1e9, u: 1e6, m: 1e3 };
  return amount === undefined ? undefined : Number(amount) / (parts[unit] ?? 1);
}
