/**
 * A run in which a test plays the engine: real plan, runner, display and interruption, but each step does what it is
 * told over a socket. Started by terminal.test.ts with the path of the socket.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { exitCodeOf, openTerminal } from '../../src/cli/terminal.ts';
import { applyPlan } from '../../src/cloud/apply.ts';
import type { Cloud } from '../../src/cloud/cloud.ts';
import type { StepContext } from '../../src/engine/engine.ts';
import { GantryError } from '../../src/errors.ts';
import { plan } from '../../src/plan/planner.ts';
import type { Step } from '../../src/plan/step.ts';
import {
  makeDesired,
  makeImage,
  makeJob,
  makeMariadb,
  makeProcess,
  observeNothing,
} from '../../src/plan/testing/workloads.ts';
import { stampEvents } from '../../src/run/emit.ts';

export type Direction = { id: string } & (
  | { tell: 'finish' }
  | { tell: 'fail'; message: string; why: string }
  | { tell: 'wait'; reason: string }
  | { tell: 'bytes'; done: number; total: number }
  /** Goes on after an interruption, as a job that changes a schema does. */
  | { tell: 'ignore interruptions' }
);

const socket = connect(process.argv[2] as string);
const actors = new Map<string, (direction: Direction) => void>();
createInterface({ input: socket }).on('line', (line) => {
  const direction = JSON.parse(line) as Direction;
  actors.get(direction.id)?.(direction);
  socket.write(`${direction.id}: ${direction.tell}\n`);
});

function act(step: Step, context: StepContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(context.signal.reason);
    context.signal.addEventListener('abort', stop);
    actors.set(step.id, (direction) => {
      switch (direction.tell) {
        case 'finish':
          return resolve();
        case 'fail': {
          const { message, why } = direction;
          return reject(new GantryError({ code: 'test', whose: 'environment', message, why }));
        }
        case 'wait':
          return context.waiting(direction.reason);
        case 'bytes':
          return context.progress(direction.done, direction.total, 'bytes');
        case 'ignore interruptions':
          return context.signal.removeEventListener('abort', stop);
      }
    });
    socket.write(`${step.id}: started\n`);
  });
}

const desired = makeDesired({
  images: [makeImage('base'), makeImage('nova', '222222222222', ['base'])],
  processes: [
    makeMariadb(),
    makeProcess('nova-api', { image: 'nova', after: ['job:nova-schema'] }),
    makeProcess('placement-api', { after: ['process:mariadb'] }),
  ],
  jobs: [makeJob('nova-schema', { image: 'nova', after: ['process:mariadb'] })],
});
const cloud = { desired, engine: { executor: () => act } } as unknown as Cloud;
const terminal = openTerminal({ progress: 'auto' });
const { signal } = terminal;
const emit = stampEvents({ cloud: 'demo' }, [terminal.emit]);
const title = 'Bringing up the cloud demo';
const { result } = await applyPlan(cloud, plan(desired, observeNothing()), title, { emit, signal });
process.exitCode = exitCodeOf(result);
socket.end();
