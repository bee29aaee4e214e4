import { ensureExternalNetwork } from '../demo/external.ts';
import { messageOf } from '../errors.ts';
import {
  ensureKeyPair,
  openConsole,
  waitForHypervisor,
  waitUntilActive,
  watchRunning,
} from '../openstack/compute.ts';
import { type Activity, Flow, Skip } from '../openstack/flow.ts';
import { ensureImage } from '../openstack/image-upload.ts';
import { floatingIps } from '../openstack/network.ts';
import type { Session } from '../openstack/session.ts';
import { waitForSsh } from '../openstack/ssh.ts';
import { type WaitOptions, waitFor } from '../openstack/wait.ts';
import type { Emit } from '../run/events.ts';
import { timeLimit } from '../time-limit.ts';
import { checkEndpoints } from './catalogue.ts';
import { removeRuns } from './cleanup.ts';
import { isLeftOver, nameOf, type VerifyOptions, type VerifyResult } from './options.ts';
import {
  type BootedServer,
  compareImage,
  expectMarker,
  makeFlavor,
  makeNetwork,
  makeRouter,
  makeSecurityGroup,
  makeServer,
  makeUser,
  watchConsole,
} from './steps.ts';
import { TRANSFER_MIB, transfer } from './transfer.ts';
import { fetchPage, readRfbBanner } from './vnc.ts';

const CLEANUP_LIMIT_MS = 180_000;
const SSH_LIMIT_MS = 120_000;
const PING_LIMIT_MS = 60_000;
const LOGIN_LIMIT_MS = 60_000;
const POLL_MS = 1000;

/**
 * Uses the cloud as a user does, in a project made for it, and removes everything again, also after failures and
 * when the signal of the session is aborted; `keepFailed` leaves what a failed check used. Throws only where no
 * administrator can log in, or the signal's reason.
 */
export async function runVerify(options: VerifyOptions, emit: Emit): Promise<VerifyResult> {
  const admin = await options.open();
  try {
    const begun = admin.clock.now();
    const name = nameOf(options.id, begun);
    await removeRuns(admin, (other) => isLeftOver(other, begun));
    const { flow, server } = describeChecks(admin, name, options, emit);
    const checks = await flow.finish();
    const ok = checks.every((check) => check.result !== 'failed');
    const made = ok || admin.signal.aborted ? undefined : await server.value.catch(() => undefined);
    const ladder = made ? { ladder: await options.explain(made.id) } : {};
    if (options.keepFailed && !ok && !admin.signal.aborted)
      return { checks, ok, ...ladder, leftBehind: [], kept: name };
    // Its own signal: an interruption must not leave anything behind.
    const cleaner = admin.withSignal(timeLimit(options.cleanupLimitMs ?? CLEANUP_LIMIT_MS));
    const leftBehind = await removeRuns(cleaner, (other) => other === name).catch((error) => [
      messageOf(error),
    ]);
    admin.signal.throwIfAborted();
    return { checks, ok, ...ladder, leftBehind };
  } finally {
    await admin.close();
  }
}

function describeChecks(
  admin: Session,
  name: string,
  options: VerifyOptions,
  emit: Emit,
): { flow: Flow; server: Activity<BootedServer> } {
  const flow = new Flow(admin.clock, admin.signal, emit);

  const user = flow.start('token', {}, async (_, context) => {
    await makeUser(admin, name, options.password);
    context.note('of a new user');
    return admin.as({ user: name, password: options.password, project: name });
  });
  flow.start('catalogue', { user }, async ({ user }, context) => {
    context.note(await checkEndpoints(user, options.serviceTypes));
  });

  const image = flow.start('image upload', { user }, async ({ user }, context) => {
    const source = { ...options.image, name, visibility: 'private' as const };
    const { image } = await ensureImage(user, source, context.progress);
    return image;
  });
  flow.start('image download', { user, image }, async ({ user, image }, context) => {
    context.note(await compareImage(user, image, options.image, context.progress));
  });

  const external = flow.start('external network', {}, async (_, context) => {
    const network = await ensureExternalNetwork(admin, { ...options.external, name });
    context.note(network.created ? 'made for this run' : 'there');
    return network;
  });
  const network = flow.start('network and subnet', { user }, async ({ user }, context) => {
    context.note(options.subnet);
    return makeNetwork(user, name, options.subnet);
  });
  const router = flow.start('router', { user, external, network }, ({ user, external, network }) =>
    makeRouter(user, name, { externalId: external.id, ...network }),
  );
  const group = flow.start('security group', { user }, ({ user }) => makeSecurityGroup(user, name));
  const key = flow.start('key pair', { user }, ({ user }) => ensureKeyPair(user, name, options.publicKey));
  const flavor = flow.start('flavor', {}, () => makeFlavor(admin, name, options.image));

  const hypervisor = flow.start('hypervisor', {}, (_, context) => waitForHypervisor(admin, context.waiting));

  const created = flow.start(
    'server accepted',
    { user, image, network, group, key, flavor, hypervisor },
    ({ user, image, network, group, flavor }) =>
      makeServer(user, {
        name,
        imageId: image.id,
        flavorId: flavor,
        groupId: group,
        networkId: network.networkId,
      }),
  );
  const server = flow.start('server ACTIVE', { user, created }, async ({ user, created }, context) => {
    await waitUntilActive(user, created.id, context.waiting);
    return created;
  });
  // While a port is down, OVN leads its floating IP through the gateway's node, and neighbours learn that way.
  const floatingIp = flow.start(
    'floating IP',
    { user, external, server, router },
    async ({ user, external, server }, context) => {
      const { floating_ip_address: address } = await floatingIps.create(user, {
        floating_network_id: external.id,
        port_id: server.portId,
      });
      context.note(address);
      return address;
    },
  );

  const booted = flow.start('console log', { user, server }, async ({ user, server }, context) => {
    context.note(
      await watchConsole(user, {
        serverId: server.id,
        failure: 'the console did not show a login prompt',
        find: (console) => /^\S+ login:/m.exec(console)?.[0],
        waiting: context.waiting,
      }),
    );
  });
  flow.start('DHCP', { user, server, booted }, async ({ user, server }, context) => {
    const { id: serverId, address: expected } = server;
    const failure = 'the server did not get its address';
    await expectMarker(user, { serverId, key: 'address', expected, failure, waiting: context.waiting });
    context.note(expected);
  });
  flow.start('metadata', { user, server, booted }, async ({ user, server }, context) => {
    const failure = 'the server did not read its metadata';
    const { id } = server;
    await expectMarker(user, {
      serverId: id,
      key: 'metadata',
      expected: id,
      failure,
      waiting: context.waiting,
    });
    context.note('user data ran, the id is right');
  });

  // One watch for all that wait for the server to answer.
  const watched = flow.start('server runs', { user, server }, async ({ user, server }) => {
    const watch = watchRunning(user, server.id);
    await watch();
    return watch;
  });
  flow.start('ping', { watched, floatingIp }, async ({ watched, floatingIp }, { waiting }) => {
    const { ping } = options;
    if (!ping) throw new Skip('there is no ping program');
    const failure = `${floatingIp} did not answer ping`;
    const wait = { failure, limitMs: PING_LIMIT_MS, watch: watched, waiting };
    await retry(admin, wait, () => ping(floatingIp, admin.signal));
  });
  const greeted = flow.start(
    'SSH',
    { user, watched, floatingIp },
    async ({ user, watched, floatingIp }, context) => {
      const banner = await waitForSsh(user, {
        address: floatingIp,
        limitMs: SSH_LIMIT_MS,
        waiting: context.waiting,
        watch: watched,
      });
      context.note(banner);
    },
  );
  const entered = flow.start(
    'SSH login',
    { watched, floatingIp, greeted },
    async ({ watched, floatingIp }, context) => {
      const failure = `nobody could log in on ${floatingIp}`;
      const wait = { failure, limitMs: LOGIN_LIMIT_MS, watch: watched, waiting: context.waiting };
      const host = await retry(admin, wait, () => options.runOnServer(floatingIp, 'hostname', admin.signal));
      context.note(`host name ${host}`);
    },
  );
  flow.start('transfer', { floatingIp, entered }, async ({ floatingIp }, context) => {
    const begun = admin.clock.now();
    await transfer((command, signal) => options.runOnServer(floatingIp, command, signal), admin.signal);
    const seconds = (admin.clock.now() - begun) / 1000;
    context.note(`${TRANSFER_MIB} MiB from the server, ${(TRANSFER_MIB / seconds).toFixed(1)} MiB/s`);
  });
  flow.start('VNC console', { user, server }, async ({ user, server }, context) => {
    const page = await openConsole(user, server.id);
    await fetchPage(user, page);
    context.note(await readRfbBanner(user, page));
  });
  return { flow, server: created };
}

/** Tries until it succeeds; what it says when it fails is what is waited for. */
async function retry<T>(
  session: Session,
  wait: Pick<WaitOptions<T>, 'failure' | 'limitMs' | 'watch' | 'waiting'>,
  attempt: () => Promise<T>,
): Promise<T> {
  return waitFor<T>({
    ...wait,
    everyMs: POLL_MS,
    look: async () => {
      try {
        return { done: await attempt() };
      } catch (error) {
        if (error instanceof Skip) throw error;
        return { waiting: error instanceof Error ? error.message : String(error) };
      }
    },
    signal: session.signal,
    clock: session.clock,
  });
}
