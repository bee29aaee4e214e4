import { GantryError, withMoreWhy } from '../errors.ts';
import { waitForHypervisor, waitUntilActive, watchRunning } from '../openstack/compute.ts';
import { ensureExternalNetwork } from '../openstack/external-network.ts';
import { type ActivityContext, Flow } from '../openstack/flow.ts';
import { ensureImage } from '../openstack/image-upload.ts';
import type { Session } from '../openstack/session.ts';
import { waitForSsh } from '../openstack/ssh.ts';
import { waitFor } from '../openstack/wait.ts';
import type { Emit } from '../run/events.ts';
import { DEMO, DEMO_FLAVOR, type DemoOptions, type DemoResult, GUEST_USER } from './options.ts';
import {
  ensureConnected,
  ensureDefaultGroup,
  ensureFlavors,
  ensureFloatingIp,
  ensureKey,
  ensurePort,
  ensureProject,
  ensureRouter,
  ensureServer,
  ensureTenantNetwork,
} from './setup.ts';

const SSH_LIMIT_MS = 120_000;
const LOGIN_LIMIT_MS = 60_000;
const LOGIN_PAUSE_MS = 1000;

/**
 * Sets up what there is to show: networks, router, sizes, image, key, and a server that answers SSH on a floating
 * IP. What exists already is left alone. `admin` is an administrator's session. Throws the first failure after all
 * that could be done is done.
 */
export async function runDemo(admin: Session, options: DemoOptions, emit: Emit): Promise<DemoResult> {
  const flow = new Flow(admin.clock, admin.signal, emit);
  const created: string[] = [];
  /** Notes whether something was made or had been there. */
  const noted = async <T extends { created: boolean }>(
    name: string,
    work: Promise<T>,
    context: ActivityContext,
  ): Promise<T> => {
    const ensured = await work;
    if (ensured.created) created.push(name);
    context.note(ensured.created ? 'created' : 'exists');
    return ensured;
  };

  const image = flow.start('image', {}, async (_, context) => {
    const { image, change } = await ensureImage(admin, options.image, context.progress);
    return noted('image', Promise.resolve({ id: image.id, created: change === 'created' }), context);
  });
  const external = flow.start('external network', {}, (_, context) =>
    noted(
      'external network',
      ensureExternalNetwork(admin, { ...options.external, name: 'external' }),
      context,
    ),
  );
  const sizes = flow.start('flavors', {}, async (_, context) => {
    const { ids, created: made } = await ensureFlavors(admin);
    const id = ids.get(DEMO_FLAVOR) ?? '';
    return noted('flavors', Promise.resolve({ id, created: made.length > 0 }), context);
  });
  const user = flow.start('project and user', {}, async (_, context) => {
    const { user } = await noted('project and user', ensureProject(admin, options.password), context);
    return user;
  });
  const network = flow.start('network', { user }, ({ user }, context) =>
    noted('network', ensureTenantNetwork(user, options.tenant), context),
  );
  const router = flow.start('router', { user, external }, ({ user, external }, context) =>
    noted('router', ensureRouter(user, external.id), context),
  );
  const group = flow.start('security group rules', { user }, ({ user }, context) =>
    noted('security group rules', ensureDefaultGroup(user), context),
  );
  const key = flow.start('key pair', { user }, ({ user }, context) =>
    noted('key pair', ensureKey(user, options.publicKey), context),
  );
  const port = flow.start('port', { user, network }, ({ user, network }, context) =>
    noted('port', ensurePort(user, network.id), context),
  );
  const connected = flow.start(
    'router interface',
    { user, router, network },
    ({ user, router, network }, context) =>
      noted('router interface', ensureConnected(user, router.id, network.subnetId), context),
  );
  const hypervisor = flow.start('hypervisor', {}, (_, context) => waitForHypervisor(admin, context.waiting));
  const server = flow.start(
    'server',
    { user, port, image, sizes, key, hypervisor },
    ({ user, port, image, sizes }, context) =>
      noted(
        'server',
        ensureServer(user, { portId: port.id, imageId: image.id, flavorId: sizes.id }),
        context,
      ),
  );
  const active = flow.start('server boots', { user, server }, ({ user, server }, context) =>
    waitUntilActive(user, server.id, context.waiting),
  );
  // While a port is down, OVN leads its floating IP through the gateway's node, and neighbours learn that way.
  const floatingIp = flow.start(
    'floating IP',
    { user, external, port, connected, active },
    ({ user, external, port }, context) =>
      noted('floating IP', ensureFloatingIp(user, { externalId: external.id, portId: port.id }), context),
  );
  const greeted = flow.start(
    'SSH answers',
    { user, server, floatingIp, group },
    async ({ user, server, floatingIp }, context) => {
      const banner = await waitForSsh(user, {
        address: floatingIp.address,
        limitMs: SSH_LIMIT_MS,
        waiting: context.waiting,
        watch: watchRunning(user, server.id),
      });
      context.note(banner);
    },
  );
  flow.start(
    'log in',
    { user, server, floatingIp, greeted },
    async ({ user, server, floatingIp }, context) => {
      const watch = watchRunning(user, server.id);
      context.note(
        `host name ${await logIn(admin, options, { address: floatingIp.address, watch }, context)}`,
      );
    },
  );

  const failed = (await flow.finish()).find((result) => result.result === 'failed');
  admin.signal.throwIfAborted();
  if (failed?.error) {
    const made = await server.value.catch(() => undefined);
    throw made ? withMoreWhy(failed.error, await options.explain(made.id)) : failed.error;
  }
  return {
    serverId: (await server.value).id,
    server: DEMO,
    floatingIp: (await floatingIp.value).address,
    user: GUEST_USER,
    unchanged: created.length === 0,
  };
}

/** Tries for a while: the server greets before it has fetched the key. */
async function logIn(
  session: Session,
  options: DemoOptions,
  { address, watch }: { address: string; watch: () => Promise<void> },
  context: ActivityContext,
): Promise<string> {
  const name = await waitFor<string>({
    failure: `nobody could log in to ${GUEST_USER}@${address}`,
    limitMs: LOGIN_LIMIT_MS,
    everyMs: LOGIN_PAUSE_MS,
    look: async () => {
      try {
        return { done: await options.logIn(address, session.signal) };
      } catch (error) {
        return { waiting: error instanceof Error ? error.message : String(error) };
      }
    },
    watch,
    waiting: context.waiting,
    signal: session.signal,
    clock: session.clock,
  });
  if (name.split('.')[0] !== DEMO) {
    throw new GantryError({
      code: 'demo.other-server',
      whose: 'environment',
      message: `${address} leads to a machine named ${name}, not to the server ${DEMO}`,
    });
  }
  return name;
}
