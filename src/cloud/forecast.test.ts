import { expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import type { Desired } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Plan, Step } from '../plan/step.ts';
import { makeFile, makeJob } from '../plan/testing/workloads.ts';
import { projectRoot } from '../root.ts';
import { foretell } from './forecast.ts';

const wanted = makeFile('/etc/gantry/rings.json', 'what the rings are to be');
const plan = {
  steps: [
    { id: 'job.run swift-rings', cause: 'config changed' },
    { id: 'instance.remove swift-storage-4.0', cause: 'not wanted' },
  ] as Step[],
} as Plan;

/** Foretells with a proxy of Swift that answers this, and ends with this code. */
function told(answer: string, { code = 0, state = 'running' } = {}, given = plan) {
  const asked: { instance: string; stdin: unknown }[] = [];
  const exec: Engine['exec'] = async (_cloud, instance, _command, { stdin, stdout }) => {
    asked.push({ instance, stdin });
    stdout?.write(answer);
    return code;
  };
  const instances = [{ workload: 'swift-proxy', ordinal: 1, state }] as ObservedInstance[];
  const cloud = {
    root: projectRoot(),
    config: { name: 'demo' },
    services: [{ name: 'swift' }],
    desired: { jobs: [makeJob('swift-rings', { files: [wanted] })] } as unknown as Desired,
    engine: { exec },
    look: async () => ({ instances }),
  } as unknown as Parameters<typeof foretell>[0];
  return { asked, plan: foretell(cloud, given) };
}

const line = JSON.stringify({ ring: 'object', changes: ['d4 is new'], moved: 25 });

test('what a job would do is told with why it runs', async () => {
  const { asked, plan: foretold } = told(line);
  expect((await foretold).steps.map(({ cause }) => cause)).toEqual([
    'config changed: d4 is new, up to 25 % of partitions move',
    'not wanted',
  ]);
  expect(asked).toEqual([{ instance: 'swift-proxy.1', stdin: 'what the rings are to be' }]);
});

test('a job that would refuse is refused before anything is begun', async () => {
  await expect(told('{"refused": "d4 still has partitions"}').plan).rejects.toMatchObject({
    code: 'plan.refused',
    why: 'd4 still has partitions',
  });
});

test('where nobody can be asked, or nobody answers, the plan is as it was', async () => {
  expect(await told(line, { state: 'exited' }).plan).toEqual(plan);
  expect(await told('Traceback', { code: 1 }).plan).toEqual(plan);
  const others = { steps: plan.steps.slice(1) } as Plan;
  const { asked, plan: foretold } = told(line, {}, others);
  expect(await foretold).toEqual(others);
  expect(asked).toEqual([]);
});
