import { expect, test } from 'vitest';
import { readDetection } from './detections.ts';

const detection = { check: 'datapath', command: ['ask'], choices: { netdev: 'in user space' } };

const answering =
  (output: string, exitCode = 0) =>
  async () => ({ exitCode, output });

test('an answer is told in words, of each node where there are several', async () => {
  const found = { level: 'ok', message: 'found out on the node' };
  expect(await readDetection(detection, answering('"netdev"\n'), 'n1')).toEqual([
    { ...found, check: 'datapath: n1', choice: 'in user space' },
  ]);
  expect(await readDetection(detection, answering('other'))).toEqual([
    { ...found, check: 'datapath', choice: 'other' },
  ]);
});

test('what does not answer is left out', async () => {
  expect(await readDetection(detection, answering('no bridge', 1))).toEqual([]);
  expect(await readDetection(detection, answering(' '))).toEqual([]);
  expect(await readDetection(detection, () => Promise.reject(new Error('gone')))).toEqual([]);
});
