import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildForSuite } from './built-images.ts';

const SEQUENCES = 40;

test('whatever becomes of the devices, each partition stays within reach and has all its copies', async () => {
  const { swift } = await buildForSuite('swift-rings', ['swift']);
  const script = join(import.meta.dirname, 'swift-rings.py');
  const container = ['run', '--rm', '--network', 'none', '--volume', `${script}:/swift-rings.py:ro`];
  const { stdout } = await promisify(execFile)(
    'docker',
    [...container, '--user', '916:916', swift, 'python3', '/swift-rings.py', `${SEQUENCES}`],
    { timeout: 300_000 },
  );
  expect(stdout).toContain(`${SEQUENCES} sequences`);
});
