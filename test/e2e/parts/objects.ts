import { describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import { type Gantry, waitUntil } from '../gantry.ts';
import { loginWith, runDebianClients, STORE, temporaryUrl } from '../objects.ts';

function ask(
  client: ApiClient,
  method: Parameters<ApiClient['ask']>[0],
  path: string,
  headers: Record<string, string> = {},
  body?: string,
) {
  return client.ask(method, STORE, path, { headers, ...(body === undefined ? {} : { body }) });
}

async function put(
  client: ApiClient,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<number> {
  return (await ask(client, 'PUT', path, headers, body)).status;
}

async function get(client: ApiClient, path: string): Promise<string> {
  const { status, content } = await ask(client, 'GET', path);
  return `${status} ${content}`;
}

/** What users of Swift do, by its own API and that of S3. */
export function testObjects(use: () => { gantry: Gantry }): void {
  describe('users of objects', () => {
    test('may do what their roles say', async () => {
      const { gantry } = use();
      const member = await loginWith(gantry, 'member', 'gallery');
      const reader = await loginWith(gantry, 'reader', 'gallery');
      const stranger = await loginWith(gantry, 'member', 'elsewhere');
      const reseller = await loginWith(gantry, 'ResellerAdmin', 'reselling');
      expect(await put(member, '/works')).toBe(201);
      expect(await put(member, '/works/one', 'one')).toBe(201);
      expect(await get(reader, '/works/one')).toBe('200 one');
      expect(await put(reader, '/works/two', 'two')).toBe(403);
      const others = member.endpointOf(STORE);
      const asStranger = (who: ApiClient, method: 'GET' | 'POST', headers = {}) =>
        who.askAt(method, others, { headers }).then(({ status }) => status);
      expect(await asStranger(stranger, 'GET')).toBe(403);
      const quota = { 'x-account-meta-quota-bytes': '1000' };
      expect(await asStranger(member, 'POST', quota)).toBe(403);
      expect(await asStranger(reseller, 'POST', quota)).toBe(204);
      expect(await put(member, '/works/too-large', 'x'.repeat(2000))).toBe(413);
      expect(await asStranger(reseller, 'POST', { 'x-account-meta-quota-bytes': '' })).toBe(204);
    });

    test('give others URLs for a while, with two keys that take turns', async () => {
      const client = await ApiClient.open(use().gantry);
      await put(client, '/shared');
      await put(client, '/shared/one', 'one');
      const setKey = (number: '' | '-2', key: string) =>
        ask(client, 'POST', '/shared', { [`x-container-meta-temp-url-key${number}`]: key });
      const statusOf = async (key: string, by: 'GET' | 'HEAD' | 'PUT' = 'GET', seconds = 300) => {
        const url = temporaryUrl(client, { method: 'GET', path: '/shared/one', key, seconds });
        return (await client.askWithoutToken(by, url)).status;
      };
      await setKey('', 'first');
      expect(await statusOf('first')).toBe(200);
      expect(await statusOf('first', 'HEAD')).toBe(200);
      expect(await statusOf('first', 'PUT')).toBe(401);
      expect(await statusOf('first', 'GET', -1)).toBe(401);
      expect(await statusOf('wrong')).toBe(401);
      await setKey('-2', 'second');
      expect([await statusOf('first'), await statusOf('second')]).toEqual([200, 200]);
      await setKey('', 'third');
      expect([await statusOf('second'), await statusOf('third')]).toEqual([200, 200]);
      expect(await statusOf('first')).toBe(401);
    });

    test('join objects, keep their versions, limit containers and remove many at once', async () => {
      const client = await ApiClient.open(use().gantry);
      await put(client, '/parts');
      for (const [name, text] of Object.entries({ a: 'one ', b: 'two' }))
        await put(client, `/parts/of/${name}`, text);
      expect(await put(client, '/parts/dynamic', '', { 'x-object-manifest': 'parts/of/' })).toBe(201);
      const manifest = JSON.stringify([{ path: '/parts/of/b' }, { path: '/parts/of/a' }]);
      expect(await put(client, '/parts/static?multipart-manifest=put', manifest)).toBe(201);
      expect(await get(client, '/parts/dynamic')).toBe('200 one two');
      expect(await get(client, '/parts/static')).toBe('200 twoone ');

      await put(client, '/versions', '', { 'x-versions-enabled': 'true' });
      for (const text of ['older', 'newer']) await put(client, '/versions/text', text);
      const list = await ask(client, 'GET', '/versions?versions&format=json');
      const versions = JSON.parse(`${list.content}`) as { version_id: string }[];
      expect(versions).toHaveLength(2);
      expect(await get(client, `/versions/text?version-id=${versions[1]?.version_id}`)).toBe('200 older');

      await put(client, '/small', '', { 'x-container-meta-quota-bytes': '10' });
      expect(await put(client, '/small/object', 'more than ten bytes')).toBe(413);

      const bulk = { 'content-type': 'text/plain', accept: 'application/json' };
      const removed = await ask(client, 'POST', '?bulk-delete', bulk, 'parts/of/a\nparts/of/b\n');
      expect(JSON.parse(`${removed.content}`)).toMatchObject({ 'Number Deleted': 2, Errors: [] });
    });

    test('show a container as a web site, to pages of other sites too', async () => {
      const client = await ApiClient.open(use().gantry);
      const origin = 'https://site.example';
      await put(client, '/site', '', {
        'x-container-read': '.r:*,.rlistings',
        'x-container-meta-web-index': 'index.html',
        'x-container-meta-access-control-allow-origin': origin,
      });
      await put(client, '/site/index.html', '<h1>here</h1>', { 'content-type': 'text/html' });
      const site = `${client.endpointOf(STORE)}/site/`;
      const page = await client.askWithoutToken('GET', site, { headers: { origin } });
      expect(`${page.status} ${page.content}`).toBe('200 <h1>here</h1>');
      const short = await client.askWithoutToken('GET', site.replace(/\/$/, ''));
      expect([short.status, short.headers.location]).toEqual([301, site]);
      const object = await client.askWithoutToken('GET', `${site}index.html`, { headers: { origin } });
      expect(object.headers['access-control-allow-origin']).toBe(origin);
      expect((await client.askWithoutToken('GET', client.endpointOf(STORE))).status).toBe(401);
    });

    test('have the clients of Debian, for S3 and for Swift', async () => {
      await runDebianClients(use().gantry);
    });
  });
}

/** Takes minutes: Swift remembers keys. */
export function testTurningKeys(use: () => { gantry: Gantry }): void {
  test('temporary URLs are valid while the two keys of a container are made new in turns', async () => {
    const client = await ApiClient.open(use().gantry);
    await put(client, '/turning');
    await put(client, '/turning/one', 'one');
    const setKey = (turn: number) => {
      const header = `x-container-meta-temp-url-key${turn % 2 === 0 ? '' : '-2'}`;
      return ask(client, 'POST', '/turning', { [header]: `key ${turn}` });
    };
    const getSigned = async (turn: number) => {
      const key = `key ${turn}`;
      const url = temporaryUrl(client, { method: 'GET', path: '/turning/one', key, seconds: 60 });
      const { status, content } = await client.askWithoutToken('GET', url);
      return `${status} ${content}`;
    };
    await setKey(0);
    let signedWith = 0;
    let ended = false;
    const answers = Array.from({ length: 4 }, (): string[] => []);
    const asking = answers.map(async (own) => {
      while (!ended) own.push(await getSigned(signedWith));
    });
    /** Waits until whatever is under way now has been answered. */
    const passed = async () => {
      const before = answers.map(({ length }) => length);
      await waitUntil('all answered that was asked', 60_000, () =>
        answers.every(({ length }, index) => length > (before[index] ?? 0) + 1) ? true : undefined,
      );
    };
    for (let turn = 1; turn <= 2; turn++) {
      await setKey(turn);
      await passed();
      // Swift knows the keys of a container for a minute: those from before, where it looked just as one was set.
      await waitUntil(`key ${turn} known`, 90_000, async () =>
        (await getSigned(turn)).startsWith('200') ? true : undefined,
      );
      signedWith = turn;
      await passed();
    }
    ended = true;
    await Promise.all(asking);
    expect(new Set(answers.flat())).toEqual(new Set(['200 one']));
  });
}
