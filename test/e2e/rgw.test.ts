import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import { ApiClient } from './client.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { loginWith, put, runDebianClients, STORE, takeAndGiveBack, temporaryUrl } from './objects.ts';
import { expectDone, expectDoneWhileAsked } from './parts/cloud.ts';
import { testFileSystem } from './parts/file-system.ts';

/** Objects by Ceph's RGW in the place of Swift, on a real Docker Engine; rgw-complete has what takes longer. Files beside them. */
const lines = 'services: {ceph: true, cephfs: true, rgw: true}\n';
const pools = [
  '.mgr',
  '.rgw.root',
  'cephfs_data',
  'cephfs_metadata',
  'default.rgw.buckets.data',
  'default.rgw.buckets.index',
  'default.rgw.buckets.non-ec',
  'default.rgw.control',
  'default.rgw.log',
  'default.rgw.meta',
  'images',
  'servers',
  'volumes',
];

const group = useGroupCloud('e2ergw', lines);
const cluster = new CephCluster(group);

describe('objects in pools of Ceph', () => {
  const content = randomBytes(3 * 1024 * 1024);
  const askForFirst = async () =>
    (await ApiClient.open(group().gantry)).askAllTheTime({
      type: STORE,
      path: '/photos/first',
      openPath: '/swift/healthcheck',
    });

  testComing(group);
  testChecks(group, 'objects', 'block pools', 'file system');

  test('have no other pools than those that were made for them, and Ceph warns of nothing', async () => {
    await cluster.waitForHealth();
    const listed = (await cluster.inMonitor('ceph', 'osd', 'pool', 'ls')).trim().split('\n');
    expect(listed.sort()).toEqual(pools);
  });

  test('are taken by the client of OpenStack, and given back', async () => {
    expect((await takeAndGiveBack(group(), content)).equals(content)).toBe(true);
    const { gantry } = group();
    const tool = ['radosgw-admin', '--name', 'client.rgw', 'bucket', 'list'];
    expect(await gantry.output('exec', 'ceph-rgw', '--', ...tool)).toContain('photos');
  });

  test('are for those whose roles say so, each project with names of its own', async () => {
    const { gantry } = group();
    const member = await loginWith(gantry, 'member', 'gallery');
    const reader = await loginWith(gantry, 'reader', 'gallery');
    const stranger = await loginWith(gantry, 'member', 'elsewhere');
    const reseller = await loginWith(gantry, 'ResellerAdmin', 'reselling');
    const putContainer = (who: ApiClient) => who.ask('PUT', STORE, '/works').then(({ status }) => status);
    expect([await putContainer(member), await putContainer(stranger)]).toEqual([201, 201]);
    expect(await put(member, '/works/one', Buffer.from('one'))).toBe(201);
    const others = member.endpointOf(STORE);
    const getOne = (who: ApiClient) => who.askAt('GET', `${others}/works/one`).then(({ status }) => status);
    expect([await getOne(member), await getOne(reseller)]).toEqual([200, 200]);
    expect([await getOne(stranger), await getOne(reader)]).toEqual([403, 401]);
    expect((await member.askWithoutToken('GET', `${others}/works/one`)).status).toBe(401);
    expect((await stranger.ask('GET', STORE, '/works/one')).status).toBe(404);
    const quota = { headers: { 'x-account-meta-quota-bytes': '1000' } };
    expect((await member.askAt('POST', others, quota)).status).toBe(403);
    expect((await reseller.askAt('POST', others, quota)).status).toBe(204);
    expect(await put(member, '/works/too-large', randomBytes(2000))).toBe(413);
  });

  test('are given to others for a while by a key of the account', async () => {
    const client = await loginWith(group().gantry, 'member', 'sharing');
    await client.ask('PUT', STORE, '/shared');
    await put(client, '/shared/one', Buffer.from('one'));
    await client.ask('POST', STORE, '', { headers: { 'x-account-meta-temp-url-key': 'first' } });
    const get = (key: string, seconds = 300) =>
      client.askWithoutToken(
        'GET',
        temporaryUrl(client, { method: 'GET', path: '/shared/one', key, seconds }),
      );
    const { status, content: found } = await get('first');
    expect(`${status} ${found}`).toBe('200 one');
    expect((await get('first', -1)).status).toBe(401);
    expect((await get('wrong')).status).toBe(403);
  });

  test('are there for the clients of Debian, for S3 and for Swift, large ones too', async () => {
    await runDebianClients(group().gantry);
  });

  test('are served by several, while these come and go and passwords are changed', async () => {
    const { gantry } = group();
    for (const wanted of [`${lines}replicas: {ceph-rgw: 2}\n`, lines]) {
      await gantry.configure(wanted);
      await expectDoneWhileAsked(group(), await askForFirst(), 'up');
    }
    await expectDoneWhileAsked(group(), await askForFirst(), 'rotate', 'passwords', 'rgw', '--yes');
    await expectDone(group(), 'plan', '--detailed-exitcode');
  });

  test.each([
    [
      'services: {ceph: true, rgw: true, swift: true}\n',
      'services.rgw is in the place of services.swift, which is on as well (cloud.yaml:1:42)',
    ],
    ['services: {rgw: true}\n', 'services.rgw keeps objects in pools of Ceph, which is not on'],
    [
      'services: {ceph: true, registry: true, rgw: true}\n',
      'services.registry keeps its images in Swift, which is not on',
    ],
    [`${lines}images: {stores: [swift]}\n`, 'images.stores names swift, and the service swift is off'],
  ])('refuse what cannot be, at its place: %s', async (text, said) => {
    const { gantry } = group();
    await gantry.configure(text);
    const { code, stderr } = await gantry.run('plan');
    await gantry.configure(lines);
    expect(code).toBe(65);
    expect(stderr).toContain(said);
  });

  testFileSystem(group, cluster, lines);

  testGoing(group);
});
