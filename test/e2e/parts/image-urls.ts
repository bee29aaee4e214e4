import { expect } from 'vitest';
import { ApiClient } from '../client.ts';
import { type Gantry, waitUntil } from '../gantry.ts';
import { STORE } from '../objects.ts';
import { expectDone, expectDoneWhileAsked } from './cloud.ts';

/**
 * Bytes of an image are got by URLs that Gantry signs, for their time, over a change of the key too.
 * @param inSwift name of an image with that content there
 * @param elsewhere name of one that is not there
 */
export async function tryImageUrls(
  gantry: Gantry,
  { inSwift, elsewhere, content }: { inSwift: string; elsewhere: string; content: Buffer },
): Promise<void> {
  const api = await ApiClient.open(gantry);
  const urlOf = async (...words: string[]) => (await gantry.output('image-url', inSwift, ...words)).trim();
  const statusOf = async (url: string) => (await api.askWithoutToken('GET', url)).status;
  const first = await urlOf('--valid', '30m');
  const { status, content: found } = await api.askWithoutToken('GET', first);
  expect(status).toBe(200);
  expect(found.equals(content)).toBe(true);
  expect(await statusOf(first.replace(/glance\/.*\?/, 'glance/another?'))).toBe(401);
  const short = await urlOf('--valid', '1s');
  await waitUntil('a URL whose time is over', 10_000, async () =>
    (await statusOf(short)) === 401 ? true : undefined,
  );
  const missing = await gantry.run('image-url', elsewhere);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('--method copy-image --store swift');

  const { pathname, search } = new URL(first);
  const asking = api.askAllTheTime({ type: STORE, path: '', openPath: `${pathname}${search}` });
  await expectDoneWhileAsked({ gantry }, asking, 'rotate', 'image-urls', '--yes');
  const second = await urlOf('--valid', '30m');
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
  await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  await expectDone({ gantry }, 'rotate', 'image-urls', '--yes');
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
}
