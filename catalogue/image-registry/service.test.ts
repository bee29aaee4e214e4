import { expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { exampleService } from '../../test/contract/example.ts';
import registry from './service.ts';

const { desired } = renderCloud([exampleService(), registry]);

function settingsOf(name: string) {
  const files = desired.processes.find((process) => process.name === name)?.files ?? [];
  return Object.fromEntries(files.map(({ path, content }) => [path.split('/').at(-1), JSON.parse(content)]));
}

test('the one registry is open to the cloud for reading; mirrors are on loopback and ask it', () => {
  const { 'registry.yml': open } = settingsOf('registry');
  expect(open.http.addr).toBe(':4999');
  expect(open.storage.maintenance).toEqual({ readonly: { enabled: true } });
  expect(open.proxy).toBeUndefined();
  const { 'registry.yml': mirror } = settingsOf('registry-mirror');
  expect(mirror.http.addr).toBe('127.0.0.1:4999');
  expect(mirror.proxy).toEqual({ remoteurl: 'http://registry:4999' });
});

test('images are put in on loopback only, on the same data', () => {
  const { 'registry.yml': open, 'registry-push.yml': push } = settingsOf('registry');
  expect(push.http.addr).toBe(`127.0.0.1:${desired.registry?.pushPort}`);
  expect(push.storage.maintenance).toBeUndefined();
  expect(push.storage.filesystem).toEqual(open.storage.filesystem);
});
