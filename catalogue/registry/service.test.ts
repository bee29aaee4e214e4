import { compareSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, renderCloud } from '../../test/contract/cloud.ts';
import { passwordLine } from '../common/password-line.ts';
import { checkSettings } from './settings.ts';

const services = await loadCatalogue(projectRoot());

const process = (settings = {}) =>
  renderCloud(services, { settings }).desired.processes.find(({ name }) => name === 'registry-server');
const configuration = (settings = {}) =>
  JSON.parse(process(settings)?.files.find(({ path }) => path.endsWith('registry.yml'))?.content ?? '');

test('what is kept is in Swift, and clients are not sent there; nothing of it is remembered elsewhere', () => {
  const { storage, http } = configuration();
  expect(storage.swift).toMatchObject({
    container: 'registry',
    tenant: 'registry',
    endpointtype: 'internal',
  });
  expect(storage.redirect).toEqual({ disable: true });
  expect(storage).not.toHaveProperty('cache');
  expect(http.relativeurls).toBe(true);
  expect(process()?.volumes).toEqual([]);
});

test('nobody can push where that is said', () => {
  const readonly = (settings: object) => configuration(settings).storage.maintenance.readonly;
  expect(readonly({})).toEqual({ enabled: false });
  expect(readonly({ registry: { readOnly: true } })).toEqual({ enabled: true });
});

test('elsewhere it finds the same objects by public addresses, as a user who may only read, and takes no pushes', () => {
  const { elsewhere = [] } = renderCloud(services).desired.containerRegistry ?? {};
  const files = new Map(elsewhere.map(({ path, ...file }) => [path.split('/').at(-1), file]));
  expect([...files.keys()]).toEqual(['registry.yml', 'users', 'trusted.pem']);
  const { storage, http } = JSON.parse(files.get('registry.yml')?.content ?? '');
  const inside = configuration().storage.swift;
  expect(storage.swift).toEqual({
    ...inside,
    authurl: 'https://192.0.2.1:5000/v3',
    username: 'registry-reader',
    password: fakeSecret('registry-reader'),
    endpointtype: 'public',
  });
  expect(storage.maintenance.readonly).toEqual({ enabled: true });
  expect(http).not.toHaveProperty('secret');
  const given = { facts: { certificate: { chainAndKey: 'of somebody else', authority: '' } } };
  expect(renderCloud(services, given).desired.containerRegistry?.elsewhere).toHaveLength(2);
});

test('a password is kept as a hash that is the same each time', () => {
  const line = passwordLine('gantry', 'a password');
  expect(line).toBe(passwordLine('gantry', 'a password'));
  const [user, hash = ''] = line.trim().split(':');
  expect(user).toBe('gantry');
  expect(hash).toMatch(/^\$2[aby]\$04\$/);
  expect(compareSync('a password', hash)).toBe(true);
});

test('without Swift it is refused, with what to set', () => {
  const settings = { registry: { readOnly: false } };
  expect(checkSettings(settings, { isGiven: () => true })).toEqual([]);
  expect(checkSettings(settings, { isGiven: () => false })).toEqual([]);
  expect(checkSettings(settings, { isGiven: (offer) => offer === 'containerRegistry' })).toMatchObject([
    { path: ['services', 'registry'], level: 'error', next: expect.stringContaining('services.swift') },
  ]);
});
