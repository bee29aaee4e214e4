import type { ServiceForecast } from '../../src/model/service-forecast.ts';
import { RINGS_FILE } from './daemons.ts';

/** A line of `build-rings --plan`, for a ring or for all of them. */
type Line = { ring: string; changes: string[]; moved: number } | { refused: string };

export default {
  job: 'swift-rings',
  process: 'swift-proxy',
  command: ['build-rings', '--plan'],
  input: RINGS_FILE,
  read: (answer) => {
    const lines = answer
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const refusal = lines.find((line) => 'refused' in line);
    if (refusal) return { text: '', refused: refusal.refused };
    const rings = lines.filter((line) => 'ring' in line);
    // The same devices are in all rings; how many partitions that moves is a matter of each.
    const changes = new Set(
      rings.flatMap((ring) => ring.changes).filter((text) => !/ new places$/.test(text)),
    );
    const moved = Math.max(0, ...rings.map((ring) => ring.moved));
    return { text: [...changes, ...(moved > 0 ? [`up to ${moved} % of partitions move`] : [])].join(', ') };
  },
} satisfies ServiceForecast;
