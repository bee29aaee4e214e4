import {
  ensureKeyPair,
  flavors,
  openConsole,
  waitForHypervisor,
  waitUntilActive,
  watchRunning,
} from '../../../src/openstack/compute.ts';
import { Skip } from '../../../src/openstack/flow.ts';
import { waitForSsh } from '../../../src/openstack/ssh.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { type BootedServer, expectMarker, makeServer, retry, watchConsole } from './server.ts';
import { TRANSFER_MIB, transfer } from './transfer.ts';
import { fetchPage, readRfbBanner } from './vnc.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    'key pair': unknown;
    /** Id of the smallest size that the guest runs in. */
    flavor: string;
    hypervisor: unknown;
    'server accepted': BootedServer;
    'server ACTIVE': BootedServer;
    'console log': unknown;
    DHCP: unknown;
    metadata: unknown;
    /** Throws where the server runs no more: one watch for all that wait for it to answer. */
    'server runs': () => Promise<void>;
    ping: unknown;
    SSH: unknown;
    'SSH login': unknown;
    transfer: unknown;
    'VNC console': unknown;
  }
}

const SSH_LIMIT_MS = 120_000;
const PING_LIMIT_MS = 60_000;
const LOGIN_LIMIT_MS = 60_000;

export default {
  checks: [
    defineCheck({
      name: 'key pair',
      needs: ['token'],
      run: ({ token: user }, { name, publicKey }) => ensureKeyPair(user, name, publicKey),
    }),
    defineCheck({
      name: 'flavor',
      run: async (_, { admin, name, image }) => {
        const size = { vcpus: 1, ram: Math.max(128, image.minRamMib), disk: Math.max(1, image.minDiskGib) };
        return (await flavors.create(admin, { name, ...size })).id;
      },
    }),
    defineCheck({
      name: 'hypervisor',
      run: (_, { admin, waiting }) => waitForHypervisor(admin, waiting),
    }),
    defineCheck({
      name: 'server accepted',
      needs: [
        'token',
        'image upload',
        'network and subnet',
        'security group',
        'key pair',
        'flavor',
        'hypervisor',
      ],
      run: (given, { name }) =>
        makeServer(given.token, {
          name,
          imageId: given['image upload'].id,
          flavorId: given.flavor,
          groupId: given['security group'],
          networkId: given['network and subnet'].networkId,
        }),
      explain: ({ id }, means) => means.explain(id),
    }),
    defineCheck({
      name: 'server ACTIVE',
      needs: ['token', 'server accepted'],
      run: async ({ token: user, 'server accepted': server }, { waiting }) => {
        await waitUntilActive(user, server.id, waiting);
        return server;
      },
    }),
    defineCheck({
      name: 'console log',
      needs: ['token', 'server ACTIVE'],
      run: async ({ token: user, 'server ACTIVE': server }, { note, waiting }) =>
        note(
          await watchConsole(user, {
            serverId: server.id,
            failure: 'the console did not show a login prompt',
            find: (console) => /^\S+ login:/m.exec(console)?.[0],
            waiting,
          }),
        ),
    }),
    defineCheck({
      name: 'DHCP',
      needs: ['token', 'server ACTIVE', 'console log'],
      run: async (
        { token: user, 'server ACTIVE': { id: serverId, address: expected } },
        { note, waiting },
      ) => {
        const failure = 'the server did not get its address';
        await expectMarker(user, { serverId, key: 'address', expected, failure, waiting });
        note(expected);
      },
    }),
    defineCheck({
      name: 'metadata',
      needs: ['token', 'server ACTIVE', 'console log'],
      run: async ({ token: user, 'server ACTIVE': { id: serverId } }, { note, waiting }) => {
        const failure = 'the server did not read its metadata';
        await expectMarker(user, { serverId, key: 'metadata', expected: serverId, failure, waiting });
        note('user data ran, the id is right');
      },
    }),
    defineCheck({
      name: 'server runs',
      needs: ['token', 'server ACTIVE'],
      run: async ({ token: user, 'server ACTIVE': server }) => {
        const watch = watchRunning(user, server.id);
        await watch();
        return watch;
      },
    }),
    defineCheck({
      name: 'ping',
      needs: ['server runs', 'floating IP'],
      run: async ({ 'server runs': watch, 'floating IP': address }, { admin, ping, waiting }) => {
        if (!ping) throw new Skip('there is no ping program');
        const failure = `${address} did not answer ping`;
        await retry(admin, { failure, limitMs: PING_LIMIT_MS, watch, waiting }, () =>
          ping(address, admin.signal),
        );
      },
    }),
    defineCheck({
      name: 'SSH',
      needs: ['token', 'server runs', 'floating IP'],
      run: async ({ token: user, 'server runs': watch, 'floating IP': address }, { note, waiting }) =>
        note(await waitForSsh(user, { address, limitMs: SSH_LIMIT_MS, waiting, watch })),
    }),
    defineCheck({
      name: 'SSH login',
      needs: ['server runs', 'floating IP', 'SSH'],
      run: async (
        { 'server runs': watch, 'floating IP': address },
        { admin, note, runOnServer, waiting },
      ) => {
        const failure = `nobody could log in on ${address}`;
        const host = await retry(admin, { failure, limitMs: LOGIN_LIMIT_MS, watch, waiting }, () =>
          runOnServer(address, 'hostname', admin.signal),
        );
        note(`host name ${host}`);
      },
    }),
    defineCheck({
      name: 'transfer',
      needs: ['floating IP', 'SSH login'],
      run: async ({ 'floating IP': address }, { admin, note, runOnServer }) => {
        const begun = admin.clock.now();
        await transfer((command, signal) => runOnServer(address, command, signal), admin.signal);
        const seconds = (admin.clock.now() - begun) / 1000;
        note(`${TRANSFER_MIB} MiB from the server, ${(TRANSFER_MIB / seconds).toFixed(1)} MiB/s`);
      },
    }),
    defineCheck({
      name: 'VNC console',
      needs: ['token', 'server ACTIVE'],
      run: async ({ token: user, 'server ACTIVE': server }, { note }) => {
        const page = await openConsole(user, server.id);
        await fetchPage(user, page);
        note(await readRfbBanner(user, page));
      },
    }),
  ],
  remove: async ({ admin, isOurs, attempt }) => {
    const found = await flavors.list(admin, { is_public: 'none' });
    await Promise.all(
      found
        .filter(({ name }) => isOurs(name))
        .map(({ id, name }) => attempt(`flavor ${name}`, () => flavors.remove(admin, id))),
    );
  },
} satisfies ServiceChecks;
