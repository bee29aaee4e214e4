import { expect, test } from 'vitest';
import { makeProcess } from '../../src/plan/testing/workloads.ts';
import { readDetections } from './detections.ts';
import { Label } from './labels.ts';

const container = (Id: string, process: string) => ({ Id, Labels: { [Label.process]: process } });
const detection = (check: string) => ({ check, command: [check], choices: {} });

test('each process that runs is asked for all that it found out', async () => {
  const processes = [
    { ...makeProcess('switch'), detections: [detection('datapath'), detection('tunnels')] },
    { ...makeProcess('absent'), detections: [detection('never')] },
    makeProcess('plain'),
  ];
  const running = [container('1', 'plain'), container('2', 'switch')];
  const findings = await readDetections(processes, running, (id) => async (command) => ({
    exitCode: 0,
    output: `${command.join(' ')} in ${id}`,
  }));
  expect(findings.map(({ check, choice }) => [check, choice])).toEqual([
    ['datapath', 'datapath in 2'],
    ['tunnels', 'tunnels in 2'],
  ]);
});
