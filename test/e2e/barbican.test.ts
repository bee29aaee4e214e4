import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ApiClient } from './client.ts';
import { testChecks, testComing, testGoing, testGroupChanges, useGroupCloud } from './group-cloud.ts';
import { ImageSigner } from './image-signer.ts';
import { KEYS, payloadOf, readSecret, Secrets, storeSecret } from './keys.ts';
import { loginWith } from './objects.ts';
import { expectDone, expectDoneWhileAsked } from './parts/cloud.ts';

/** What Barbican adds to a cloud, on a real Docker Engine; of Swift's key in it see barbican-swift. */
const cloud = 'e2ebarbican';
const withBarbican = 'services: {barbican: true}\n';

const group = useGroupCloud(cloud, withBarbican);
const secrets = new Secrets();

const askForSecret = async () => {
  const api = await ApiClient.open(group().gantry);
  return api.askAllTheTime({ type: KEYS, path: payloadOf(await secrets.store(api, 'asked for')) });
};

const kek = async () =>
  (await group().gantry.secrets()).find(({ name }) => name === 'barbican-kek')?.value ?? '';

describe('keys and other secrets', () => {
  testComing(group);
  testChecks(group, 'keys');

  test('are for members of their project', async () => {
    const { gantry } = group();
    const api = await ApiClient.open(gantry);
    const id = await secrets.store(api, 'of the project');
    const reader = await loginWith(gantry, 'reader', 'admin');
    const stranger = await loginWith(gantry, 'member', 'elsewhere');
    expect((await readSecret(reader, id)).status).toBe(403);
    expect((await readSecret(stranger, id)).status).toBe(403);
    await secrets.store(stranger, 'of another project');
    await expect(secrets.store(reader, 'of nobody')).rejects.toThrow('403');
  });

  test('are what Glance verifies signed images by', async () => {
    const { gantry } = group();
    const api = await ApiClient.open(gantry);
    const [signer, other] = await Promise.all([ImageSigner.create(), ImageSigner.create()]);
    const certificate = await storeSecret(api, {
      secret_type: 'certificate',
      payload: Buffer.from(signer.certificate).toString('base64'),
      payload_content_type: 'application/octet-stream',
      payload_content_encoding: 'base64',
    });
    const content = randomBytes(100_000);
    const upload = async (name: string, by: ImageSigner) => {
      const { id } = await api.make<{ id: string }>('image', '/v2/images', {
        name,
        disk_format: 'raw',
        container_format: 'bare',
        ...by.properties(content, certificate),
      });
      const headers = { 'content-type': 'application/octet-stream' };
      return (await api.ask('PUT', 'image', `/v2/images/${id}/file`, { body: content, headers })).status;
    };
    expect([await upload('signed', signer), await upload('forged', other)]).toEqual([204, 400]);
  });

  testGroupChanges(group, withBarbican, {
    option: {
      lines: 'config: {barbican.conf: {quotas: {quota_secrets: 1000}}}\n',
      replaces: ['barbican-api'],
    },
    rotated: 'barbican',
    ask: askForSecret,
  });

  test('are all readable after their key was rotated, while others were read and stored', async () => {
    const { gantry } = group();
    const before = await kek();
    let ended = false;
    const storing = (async () => {
      // Each is the first of its project, whose own key is encrypted with the one that is rotated.
      for (let number = 0; !ended; number += 1) {
        await secrets.store(await loginWith(gantry, 'member', `project-${number}`), `the first of ${number}`);
      }
    })();
    await expectDoneWhileAsked(group(), await askForSecret(), 'rotate', 'kek', '--yes');
    ended = true;
    await storing;
    expect(await kek()).not.toBe(before);
    await secrets.expectAllReadable();
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });

  test('are kept over the loss of every container', async () => {
    const { gantry } = group();
    await expectDone({ gantry }, 'down', '--yes');
    await expectDone({ gantry }, 'up');
    await secrets.expectAllReadable();
  });

  testGoing(group);
});
