import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureAuthority, issueCertificate } from '../../src/secrets/authority.ts';
import { filesIn } from '../../src/secrets/files.ts';
import { createDockerClient } from './client.ts';
import { resolveEndpoint } from './endpoint.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gantry-docker-'));
});
afterEach(() => rm(home, { recursive: true }));

/** As `docker context create` does, whose directories are named by the SHA-256 of the context's name. */
async function addContext(name: string, docker: object, tls: Record<string, string> = {}): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  await mkdir(join(home, 'contexts/meta', id), { recursive: true });
  await writeFile(
    join(home, 'contexts/meta', id, 'meta.json'),
    JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }),
  );
  await mkdir(join(home, 'contexts/tls', id, 'docker'), { recursive: true });
  for (const [file, text] of Object.entries(tls)) {
    await writeFile(join(home, 'contexts/tls', id, 'docker', file), text);
  }
}

test('DOCKER_HOST wins over the contexts that the environment and the configuration name', async () => {
  await addContext('far', { Host: 'ssh://root@far' });
  await writeFile(join(home, 'config.json'), '{"currentContext":"far"}');
  const env = { DOCKER_HOST: 'tcp://near:2376', DOCKER_CONTEXT: 'far', DOCKER_TLS_VERIFY: '1' };
  expect(await resolveEndpoint({ ...env, DOCKER_CONFIG: home })).toMatchObject({
    address: 'tcp://near:2376',
    tlsDirectory: home,
  });
});

test('the given context wins over DOCKER_HOST, DOCKER_CONTEXT over the current context', async () => {
  await addContext('far', { Host: 'ssh://root@far' });
  await addContext('near', { Host: 'unix:///run/near.sock' });
  await writeFile(join(home, 'config.json'), '{"currentContext":"far"}');
  const env = { DOCKER_CONFIG: home };
  expect(await resolveEndpoint({ ...env, DOCKER_HOST: 'tcp://other' }, 'near')).toMatchObject({
    address: 'unix:///run/near.sock',
    from: 'the Docker context "near"',
  });
  expect(await resolveEndpoint(env)).toMatchObject({ address: 'ssh://root@far' });
  expect(await resolveEndpoint({ ...env, DOCKER_CONTEXT: 'near' })).toMatchObject({
    address: 'unix:///run/near.sock',
  });
  expect(await resolveEndpoint(env, 'default')).toMatchObject({ address: 'unix:///var/run/docker.sock' });
});

test('a context that does not exist is said to be, with where it was named and the nearest that does', async () => {
  await addContext('production', { Host: 'ssh://root@far' });
  await expect(resolveEndpoint({ DOCKER_CONFIG: home, DOCKER_CONTEXT: 'prodution' })).rejects.toMatchObject({
    code: 'docker.unknown-context',
    message:
      'The Docker context "prodution" (from DOCKER_CONTEXT) does not exist; did you mean "production"?',
    why: 'Contexts: default, production.',
  });
});

test('a context without an engine, and one that is damaged, are said to be', async () => {
  await addContext('cluster', {});
  await expect(resolveEndpoint({ DOCKER_CONFIG: home }, 'cluster')).rejects.toThrow(
    /"cluster" \(from context\) has no address of an engine/,
  );
  const id = createHash('sha256').update('cluster').digest('hex');
  await writeFile(join(home, 'contexts/meta', id, 'meta.json'), '{');
  await expect(resolveEndpoint({ DOCKER_CONFIG: home }, 'cluster')).rejects.toMatchObject({
    code: 'docker.invalid-config',
  });
});

test('the default socket is used where nothing is named', async () => {
  expect(await resolveEndpoint({ HOME: '/none' })).toMatchObject({ address: 'unix:///var/run/docker.sock' });
});

test("a context's certificates are shown to the engine, and the engine's own is checked unless told not to", async () => {
  const clock = () => new Date();
  const authority = await ensureAuthority(filesIn(join(home, 'authority')), clock);
  const issue = (name: string) =>
    issueCertificate({ authority, names: { dns: [name], ip: ['127.0.0.1'] }, clock });
  const [own, client] = [await issue('engine'), await issue('client')];
  const clients: unknown[] = [];
  const engine = createServer(
    {
      key: own.key,
      cert: own.chain,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      clients.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ Version: '27.0.0', ApiVersion: '1.46', MinAPIVersion: '1.24' }));
    },
  );
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  try {
    const Host = `tcp://127.0.0.1:${(engine.address() as AddressInfo).port}`;
    const pair = { 'cert.pem': client.chain, 'key.pem': client.key };
    await addContext('secured', { Host }, { 'ca.pem': authority.certificate, ...pair });
    await addContext('doubtful', { Host }, pair);
    await addContext('trusting', { Host, SkipTLSVerify: true }, pair);
    const env = { DOCKER_CONFIG: home };
    expect(await createDockerClient(env, 'secured')).toMatchObject({ version: '27.0.0', local: false });
    await expect(createDockerClient(env, 'doubtful')).rejects.toMatchObject({ code: 'docker.unreachable' });
    expect(await createDockerClient(env, 'trusting')).toMatchObject({ address: Host });
    expect(clients).toEqual(['client', 'client']);
  } finally {
    engine.closeAllConnections();
    await new Promise((resolve) => engine.close(resolve));
  }
});
