import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ApiClient } from '../client.ts';
import { type Gantry, waitUntil } from '../gantry.ts';
import { STORE } from '../objects.ts';
import { expectDone, expectDoneWhileAsked } from './cloud.ts';

/**
 * Bytes of an image are got by URLs that Gantry signs, for their time, over a change of the key too. The image that it makes in
 * the default store, Swift, is removed again.
 * @param elsewhere name of an image that is not in Swift
 */
export async function tryImageUrls({
  gantry,
  directory,
  elsewhere,
}: {
  gantry: Gantry;
  directory: string;
  elsewhere: string;
}): Promise<void> {
  const content = randomBytes(2000);
  const source = join(directory, 'small-disk');
  await writeFile(source, content);
  const kind = ['--disk-format', 'raw', '--container-format', 'bare'];
  await gantry.output('openstack', 'image', 'create', 'in-swift', ...kind, '--file', source);
  const api = await ApiClient.open(gantry);
  const urlOf = async (valid: string) =>
    (await gantry.output('image-url', 'in-swift', '--valid', valid)).trim();
  const statusOf = async (url: string) => (await api.askWithoutToken('GET', url)).status;
  const first = await urlOf('30m');
  const { status, content: found } = await api.askWithoutToken('GET', first);
  expect(status).toBe(200);
  expect(found.equals(content)).toBe(true);
  expect(await statusOf(first.replace(/glance\/.*\?/, 'glance/another?'))).toBe(401);
  const short = await urlOf('1s');
  await waitUntil('a URL whose time is over', 10_000, async () =>
    (await statusOf(short)) === 401 ? true : undefined,
  );
  const missing = await gantry.run('image-url', elsewhere);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('--method copy-image --store swift');

  const { pathname, search } = new URL(first);
  const asking = api.askAllTheTime({ type: STORE, path: '', openPath: `${pathname}${search}` });
  await expectDoneWhileAsked({ gantry }, asking, 'rotate', 'image-urls', '--yes');
  const second = await urlOf('30m');
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
  await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  await expectDone({ gantry }, 'rotate', 'image-urls', '--yes');
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
  await gantry.output('openstack', 'image', 'delete', 'in-swift');
}
