import { describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import { waitUntil } from '../gantry.ts';
import { describeNetworkFailure } from '../ovn.ts';
import { type CloudInTest, expectDone } from './cloud.ts';

export function testUse(use: () => CloudInTest): void {
  describe('the cloud in use', () => {
    test('does all that its users expect', async () => {
      const { gantry } = use();
      const result = await gantry.run('verify', '-o', 'json', '--keep-failed');
      if (result.code !== 0) throw new Error(await describeNetworkFailure(gantry, ['verify'], result));
      const { ok, leftBehind } = JSON.parse(result.stdout);
      expect({ ok, leftBehind }).toEqual({ ok: true, leftBehind: [] });
    });
  });
}

/**
 * Takes the cloud down and brings it up again; images and servers' disks must be as before.
 * @param whileDown checks what is left
 */
export async function expectDataKept(cloud: CloudInTest, whileDown: () => Promise<void>): Promise<void> {
  const { gantry, demo } = cloud;
  const digest = await (await ApiClient.open(gantry)).imageDigest('gantry-guest');
  const written = `written at ${new Date().toISOString()}`;
  await demo.run(`echo '${written}' >kept && sync`);
  await expectDone(cloud, 'down');
  await whileDown();
  await expectDone(cloud, 'up');
  const answered = await waitUntil('the demo server answering SSH again', 180_000, () =>
    demo.run('cat kept'),
  );
  expect(answered).toBe(written);
  expect(await (await ApiClient.open(gantry)).imageDigest('gantry-guest')).toBe(digest);
}
