import { mkdtemp, rm } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from './problem.ts';
import { serve, type VolumeDriver } from './protocol.ts';

/** The protocol as Docker Engine speaks it, at a real socket. */
let directory: string;
let server: Server;
let asked: unknown[];
let logged: object[];

const driver: VolumeDriver = {
  create: async (name, options) => {
    asked.push(['create', name, options]);
  },
  remove: async (name) => {
    throw refusal('in-use', `the volume ${name} is attached`, 'Wait.');
  },
  mount: async (name, id) => {
    asked.push(['mount', name, id]);
    return '/mnt/data';
  },
  unmount: async (name, id) => {
    asked.push(['unmount', name, id]);
  },
  path: async () => '',
  get: async (name) => ({ Name: name, Mountpoint: '' }),
  list: async () => [{ Name: 'a', Mountpoint: '' }],
};

const socketPath = () => join(directory, 'cinder.sock');

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-plugin-'));
  asked = [];
  logged = [];
  server = serve(driver, ({ milliseconds: _, ...call }) => logged.push(call));
  await new Promise<void>((resolve) => server.listen(socketPath(), resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

/** As Docker sends it: without a Content-Type, and with a line end. */
function call(path: string, body?: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socketPath(), path, method: 'POST' }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve({ status: response.statusCode, ...JSON.parse(text) });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the protocol', () => {
  it('answers the nine calls', async () => {
    const named = '{"Name":"a"}\n';
    const withId = '{"Name":"a","ID":"1"}\n';
    const done = { status: 200, Err: '' };
    expect(await call('/Plugin.Activate')).toEqual({ ...done, Implements: ['VolumeDriver'] });
    expect(await call('/VolumeDriver.Capabilities', '{}\n')).toEqual({
      ...done,
      Capabilities: { Scope: 'global' },
    });
    expect(await call('/VolumeDriver.Create', '{"Name":"a","Opts":null}\n')).toEqual(done);
    expect(await call('/VolumeDriver.Create', '{"Name":"b","Opts":{"size":"2"}}\n')).toEqual(done);
    expect(await call('/VolumeDriver.Mount', withId)).toEqual({ ...done, Mountpoint: '/mnt/data' });
    expect(await call('/VolumeDriver.Unmount', withId)).toEqual(done);
    expect(await call('/VolumeDriver.Path', named)).toEqual({ ...done, Mountpoint: '' });
    expect(await call('/VolumeDriver.Get', named)).toEqual({
      ...done,
      Volume: { Name: 'a', Mountpoint: '' },
    });
    expect(await call('/VolumeDriver.List', '{}\n')).toEqual({
      ...done,
      Volumes: [{ Name: 'a', Mountpoint: '' }],
    });
    expect(asked).toEqual([
      ['create', 'a', null],
      ['create', 'b', { size: '2' }],
      ['mount', 'a', '1'],
      ['unmount', 'a', '1'],
    ]);
  });

  it('says in one line what is wrong, to Docker and in its log', async () => {
    const Err = 'the volume a is attached: Wait.';
    expect(await call('/VolumeDriver.Remove', '{"Name":"a"}\n')).toEqual({ status: 200, Err });
    expect(logged).toEqual([{ path: '/VolumeDriver.Remove', name: 'a', problem: Err }]);
  });

  it.each([
    ['', 'the request came without its content, as one that was broken off and sent again: Try it again.'],
    ['\n', 'the request came without its content, as one that was broken off and sent again: Try it again.'],
    ['{', 'the request is no object of JSON'],
    ['[]', 'the request is no object of JSON'],
    ['{}', 'the request has no name of a volume'],
    ['{"Name":""}', 'the request has no name of a volume'],
    ['{"Name":"a","Opts":{"size":1}}', 'the options of the request are not texts'],
  ])('does nothing for the request %j', async (body, Err) => {
    expect(await call('/VolumeDriver.Create', body)).toEqual({ status: 200, Err });
    expect(asked).toEqual([]);
  });

  it('demands to know who mounts', async () => {
    const Err = 'the request has no id of who mounts';
    expect(await call('/VolumeDriver.Mount', '{"Name":"a"}')).toEqual({ status: 200, Err });
  });

  it('knows no other calls', async () => {
    expect(await call('/NetworkDriver.Join', '{}')).toEqual({
      status: 200,
      Err: 'there is no call /NetworkDriver.Join',
    });
  });
});
