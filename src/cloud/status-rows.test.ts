import { describe, expect, it } from 'vitest';
import { makeInstance } from '../plan/testing/simulator.ts';
import { makeProcess } from '../plan/testing/workloads.ts';
import { countHealthy, rowsOf } from './status-rows.ts';

const IMAGE = 'gantry/nova:1';
const nova = (replicas: number) => makeProcess('nova-api', { replicas });

/** The process, state and reason of each line. */
function shown(...args: [ReturnType<typeof nova>, ReturnType<typeof makeInstance>[]]): string[] {
  const images = [{ name: args[0].image, hash: '1', reference: IMAGE, parents: [] }];
  const rows = rowsOf({ processes: [args[0]], images }, args[1]);
  const { healthy, counted } = countHealthy(rows);
  return [
    ...rows.map(({ process, state, detail }) => [process, state, detail].filter(Boolean).join(' ')),
    `${healthy} of ${counted}`,
  ];
}

describe('the lines of status', () => {
  it('counts one that is wanted and not there', () => {
    const there = makeInstance(nova(2), IMAGE, { ordinal: 0 });
    expect(shown(nova(2), [there])).toEqual(['nova-api-0 healthy', 'nova-api-1 absent', '1 of 2']);
  });

  it('does not count one that is stopping beside as many as are wanted', () => {
    const there = makeInstance(nova(1), IMAGE);
    const old = makeInstance(nova(1), IMAGE, { ordinal: 1, leaving: true, health: 'unhealthy' });
    expect(shown(nova(1), [there, old])).toEqual(['nova-api-0 healthy', 'nova-api-1 stopping', '1 of 1']);
  });

  it('counts one that is stopping in the place of one that is wanted', () => {
    const going = makeInstance(nova(1), IMAGE, { leaving: true, health: 'unhealthy', detail: 'no answer' });
    expect(shown(nova(1), [going])).toEqual(['nova-api unhealthy no answer', '0 of 1']);
  });

  it('counts one that is there besides and not stopping', () => {
    const there = makeInstance(nova(1), IMAGE);
    const other = makeInstance(nova(1), IMAGE, { ordinal: 1, state: 'exited', health: 'none' });
    expect(shown(nova(1), [there, other])).toEqual(['nova-api-0 healthy', 'nova-api-1 exited', '1 of 2']);
  });

  it('says of one that was made otherwise that up replaces it', () => {
    const old = makeInstance(nova(1), 'gantry/nova:0');
    expect(shown(nova(1), [old])).toEqual(['nova-api healthy changed; "gantry up" replaces it', '1 of 1']);
  });
});
