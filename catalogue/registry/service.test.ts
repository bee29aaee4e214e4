import { expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { exampleService } from '../../test/contract/example.ts';
import registry from './service.ts';

test('the one registry is open to the cloud; mirrors are on loopback and ask it', () => {
  const { desired } = renderCloud([exampleService(), registry]);
  const settings = Object.fromEntries(
    desired.processes
      .filter(({ service }) => service === 'registry')
      .map(({ name, files }) => [name, JSON.parse(files[0]?.content ?? '')]),
  );
  expect(settings.registry.http.addr).toBe(':4999');
  expect(settings.registry.proxy).toBeUndefined();
  expect(settings['registry-mirror'].http.addr).toBe('127.0.0.1:4999');
  expect(settings['registry-mirror'].proxy).toEqual({ remoteurl: 'http://registry:4999' });
});
