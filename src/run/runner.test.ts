import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepContext } from '../engine/engine.ts';
import { GantryError } from '../errors.ts';
import type { Step } from '../plan/step.ts';
import type { EventBody } from './events.ts';
import { type RunOptions, run } from './runner.ts';

/** Limits of the kinds of step in these tests. */
const limits: Record<string, Step['limit']> = { build: { perCore: 2 }, create: 1, remove: undefined };

function makeTestStep(name: string, kind: string, dependsOn: string[] = []): Step {
  const limit = limits[kind];
  return {
    kind,
    id: `${kind} ${name}`,
    resource: name,
    group: 'test',
    cause: 'test',
    dependsOn,
    destroys: false,
    verb: kind,
    change: 'create',
    seconds: 1,
    ...(limit && { limit }),
    args: {},
  };
}

const step = (name: string, dependsOn: string[] = []) => makeTestStep(name, 'remove', dependsOn);

/** Runs a plan of these steps, with the events it emitted. */
async function runSteps(steps: Step[], options: Partial<RunOptions> = {}) {
  const events: EventBody[] = [];
  let now = 0;
  const outcome = await run(
    { cloud: 'test', steps },
    {
      title: 'Test',
      execute: async () => {},
      emit: (event) => events.push(event),
      clock: () => now++,
      cores: 1,
      signal: new AbortController().signal,
      ...options,
    },
  );
  return { ...outcome, events };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('run', () => {
  const scenario = fc.record({
    nodes: fc.array(
      fc.record({
        kind: fc.constantFrom(...Object.keys(limits)),
        mask: fc.nat(),
        fails: fc.boolean(),
        turns: fc.nat(3),
      }),
      { minLength: 1, maxLength: 14 },
    ),
    failures: fc.boolean(),
    abortAfter: fc.option(fc.nat(14), { nil: undefined }),
    cores: fc.integer({ min: 1, max: 3 }),
  });

  it('keeps order and limits and ends every step in exactly one event, whatever fails or aborts', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ nodes, failures, abortAfter, cores }) => {
        const steps: Step[] = [];
        const plans = new Map<string, { fails: boolean; turns: number }>();
        for (const [index, node] of nodes.entries()) {
          const dependsOn = steps.filter((_, at) => (node.mask >> at) & 1).map((step) => step.id);
          const step = makeTestStep(`${index}`, node.kind, dependsOn);
          steps.push(step);
          plans.set(step.id, { fails: failures && node.fails && node.mask % 3 === 0, turns: node.turns });
        }
        const most: Record<string, number> = { build: cores * 2, create: 1 };
        const controller = new AbortController();
        // Collected, because what `execute` throws is what the runner is there to catch.
        const violations: string[] = [];
        const succeeded = new Set<string>();
        const running = new Map<string, number>();
        let started = 0;
        const execute = async (step: Step, { signal }: StepContext) => {
          if (controller.signal.aborted) violations.push(`${step.id} started after the abort`);
          for (const id of step.dependsOn) {
            if (!succeeded.has(id)) violations.push(`${step.id} started before ${id} succeeded`);
          }
          running.set(step.kind, (running.get(step.kind) ?? 0) + 1);
          if ((running.get(step.kind) as number) > (most[step.kind] ?? Number.POSITIVE_INFINITY)) {
            violations.push(`${step.id} is one too many`);
          }
          started += 1;
          const { fails, turns } = plans.get(step.id) as { fails: boolean; turns: number };
          try {
            for (let count = 0; count < turns; count += 1) await turn();
            if (started === abortAfter) controller.abort();
            signal.throwIfAborted();
            if (fails) throw new Error('broken');
            succeeded.add(step.id);
          } finally {
            running.set(step.kind, (running.get(step.kind) as number) - 1);
          }
        };
        const outcome = await runSteps(steps, { execute, cores, signal: controller.signal });

        expect(violations).toEqual([]);
        const ends = outcome.events.filter((event) =>
          ['step.finished', 'step.failed', 'step.skipped'].includes(event.type),
        );
        expect(ends.map((event) => ('id' in event ? event.id : '')).sort()).toEqual(
          steps.map((step) => step.id).sort(),
        );
        expect(succeeded.size + outcome.failed.length + outcome.skipped.length).toBe(steps.length);
        if (!controller.signal.aborted) {
          for (const { step } of outcome.skipped) {
            expect(step.dependsOn.some((id) => !succeeded.has(id))).toBe(true);
          }
          expect(outcome.result).toBe(outcome.failed.length > 0 ? 'failed' : 'done');
        } else if (succeeded.size < steps.length && outcome.failed.length === 0) {
          expect(outcome.result).toBe('interrupted');
        }
        expect(outcome.events.at(0)?.type).toBe('run.started');
        expect(outcome.events.at(-1)).toMatchObject({ type: 'run.finished', result: outcome.result });
      }),
      { numRuns: 200 },
    );
  });

  it('starts the step with the longest path behind it first', async () => {
    const order: string[] = [];
    await runSteps(
      ['a', 'b']
        .map((name) => makeTestStep(name, 'create'))
        .concat(makeTestStep('c', 'create', ['create b'])),
      {
        execute: async (step) => {
          order.push(step.resource);
        },
      },
    );
    expect(order).toEqual(['b', 'a', 'c']);
  });

  it('finishes what does not depend on a failed step and says why the rest was skipped', async () => {
    const error = new GantryError({ code: 'test', whose: 'environment', message: 'no disk' });
    const outcome = await runSteps([step('a'), step('b', ['remove a']), step('c', ['remove b']), step('d')], {
      execute: async (step) => {
        if (step.resource === 'a') throw error;
      },
    });
    expect(outcome.result).toBe('failed');
    expect(outcome.failed.map((one) => one.error)).toEqual([error]);
    expect(outcome.skipped.map(({ step, because }) => `${step.resource}: ${because}`)).toEqual([
      'b: remove a failed',
      'c: remove a failed',
    ]);
    expect(outcome.events.at(-1)).toMatchObject({ finished: 1, failed: 1, skipped: 2 });
  });

  it('reports an unexpected error as a bug of Gantry, with the step', async () => {
    const outcome = await runSteps([step('a')], {
      execute: () => {
        throw new TypeError('x is undefined');
      },
    });
    expect(outcome.failed[0]?.error).toMatchObject({
      whose: 'bug',
      code: 'run.unexpected',
      why: 'x is undefined',
    });
    expect(outcome.failed[0]?.error.message).toContain('remove a');
  });

  it('gives running steps the signal and starts nothing after an abort', async () => {
    const controller = new AbortController();
    const outcome = await runSteps([step('a'), step('b', ['remove a'])], {
      signal: controller.signal,
      execute: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('socket closed')));
          controller.abort();
        }),
    });
    expect(outcome.result).toBe('interrupted');
    expect(outcome.failed).toEqual([]);
    expect(outcome.skipped.map((one) => one.because)).toEqual([
      'the run was interrupted (socket closed)',
      'the run was interrupted',
    ]);
  });

  it('is done when an abort comes too late to stop anything', async () => {
    const controller = new AbortController();
    const outcome = await runSteps([step('a')], {
      signal: controller.signal,
      execute: async () => controller.abort(),
    });
    expect(outcome.result).toBe('done');
  });

  it('passes on what a step waits for, its progress and its log, but nothing after its end', async () => {
    let late: StepContext | undefined;
    const outcome = await runSteps([step('a')], {
      execute: async (_, context) => {
        context.waiting('the database');
        context.progress(1, 2, 'bytes');
        context.log('a line');
        late = context;
      },
    });
    const count = outcome.events.length;
    late?.waiting('nothing');
    expect(outcome.events).toHaveLength(count);
    expect(outcome.events.slice(2, 5)).toEqual([
      { type: 'step.waiting', id: 'remove a', reason: 'the database' },
      { type: 'step.progress', id: 'remove a', done: 1, total: 2, unit: 'bytes' },
      { type: 'step.log', id: 'remove a', line: 'a line' },
    ]);
  });

  it('refuses a plan that could never end', async () => {
    const cycle = [step('a', ['remove b']), step('b', ['remove a'])];
    await expect(runSteps(cycle)).rejects.toMatchObject({ code: 'plan.cycle' });
  });
});
