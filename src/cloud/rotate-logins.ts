import { GantryError } from '../errors.ts';
import type { LoginRotation } from '../model/operation.ts';
import { formatPlan } from '../plan/format.ts';
import { loginsOf } from '../resolve/logins.ts';
import { askEach } from '../servers/hypervisors.ts';
import { parseLogins, serversBy } from '../servers/logins.ts';
import { inform } from './caller.ts';
import type { Ended, Run } from './change.ts';
import type { Cloud } from './cloud.ts';
import { execIn, putInForce, requireUpToDate } from './rotate.ts';
import { taken } from './taken.ts';

/** Servers that are named; of more it is said how many. */
const SHOWN = 10;

/**
 * At no time is a process, or a server's disk, without a key that is valid: what was opened by the key from before keeps it. What
 * was interrupted is finished by the next one, which goes on to new keys where nothing has anything open by the ones from before.
 */
export async function rotateLogins(rotation: LoginRotation, run: Run, cloud: Cloud): Promise<Ended> {
  const users = rotation.users(cloud.declared);
  const names = users.map(({ secret }) => secret);
  const isUnfinished = names.some((name) => cloud.secrets.isChanging(name));
  if (isUnfinished) {
    inform(run.emit, 'Finishing first what an interruption left.');
    cloud.keep();
    const ended = await useLogins(names, run);
    if (ended.result !== 'done') return ended;
  } else await requireUpToDate(cloud);

  const settled = await run.open();
  // Of one that was given to a server while the records were renewed.
  await renewRecords(settled, run.signal);
  const servers = await serversOpenedBefore(users, settled, run.signal);
  if (servers.length > 0) {
    if (!isUnfinished) throw stillOpen(servers);
    inform(run.emit, `${rotation.outcome} ${tellOfServers(servers)}`);
    return { result: 'done' };
  }

  const next = await run.open({
    preview: (secrets) => {
      secrets.renewOther(names);
      secrets.switchToOther(names);
    },
  });
  const plan = await next.engine.plan(next.desired, {});
  await run.confirm({ kind: 'rotate', text: describe(rotation, formatPlan(plan)) });

  const { secrets, keep } = await run.open();
  keep();
  secrets.renewOther(names);
  const made = await putInForce('Making the new keys valid', run);
  if (made.result !== 'done') return made;
  secrets.switchToOther(names);
  const used = await useLogins(names, run);
  if (used.result !== 'done') return used;
  const left = await serversOpenedBefore(users, await run.open(), run.signal);
  inform(run.emit, [rotation.outcome, ...(left.length > 0 ? [tellOfServers(left)] : [])].join(' '));
  return used;
}

/** Brings all processes to the logins in use, and what is recorded of volumes in servers. */
async function useLogins(names: readonly string[], run: Run): Promise<Ended> {
  const used = await putInForce('Putting the new keys to use', run);
  if (used.result !== 'done') return used;
  const cloud = await run.open();
  await renewRecords(cloud, run.signal);
  cloud.keep();
  cloud.secrets.settle(names);
  return used;
}

/** By what is recorded, servers open volumes when they are started again. Nova takes it from Cinder. */
async function renewRecords(cloud: Cloud, signal: AbortSignal): Promise<void> {
  const { volumeConnections, volumeRecords } = cloud.desired;
  if (!volumeConnections || !volumeRecords) return;
  await execIn(cloud, volumeConnections.process, [...volumeConnections.command], signal);
  await execIn(cloud, volumeRecords.process, [...volumeRecords.command, 'renew'], signal);
}

/** Ids of servers that have something open by the logins that are not in use. Throws where a hypervisor does not say. */
async function serversOpenedBefore(
  users: ReturnType<LoginRotation['users']>,
  { engine, desired, secrets }: Cloud,
  signal: AbortSignal,
): Promise<string[]> {
  const before = users.flatMap(({ user, secret }) =>
    loginsOf(user, secret, secrets.turn(secret))
      .slice(1)
      .map(({ login }) => login),
  );
  if (before.length === 0) return [];
  const { cloud, ledger } = desired;
  const hypervisor = taken(desired, 'hypervisor');
  const { instances } = await engine.observe({ cloud, ledger });
  const answers = await askEach({ engine, cloud, hypervisor }, hypervisor.logins, instances, signal);
  const silent = answers.find(({ problem }) => problem !== undefined);
  if (silent) {
    throw new GantryError({
      code: 'rotate.hypervisor-silent',
      whose: 'environment',
      message: `${silent.node ?? silent.instance} does not say as whom its servers have disks open`,
      why: String(silent.problem),
      next: 'Both keys stay valid. Run it again when `gantry status` shows the node healthy.',
    });
  }
  return serversBy(
    before,
    answers.flatMap(({ text }) => parseLogins(text)),
  );
}

function stillOpen(servers: readonly string[]): GantryError {
  return new GantryError({
    code: 'rotate.still-open',
    whose: 'user',
    message: `${countServers(servers)} opened with the keys from before the last rotation, which this one would replace`,
    why: listServers(servers),
    next: 'Start each again (gantry openstack server reboot --hard SERVER), or move those whose disks there are volumes alone (server migrate --live-migration), then rotate',
  });
}

function tellOfServers(servers: readonly string[]): string {
  return `The ones from before stay valid: ${countServers(servers)} opened with them, until each is started again: ${listServers(servers)}.`;
}

function countServers(servers: readonly string[]): string {
  return `${servers.length} ${servers.length === 1 ? 'server has disks' : 'servers have disks'}`;
}

function listServers(servers: readonly string[]): string {
  const more = servers.length > SHOWN ? [`${servers.length - SHOWN} more`] : [];
  return [...servers.slice(0, SHOWN), ...more].join(', ');
}

function describe({ description }: LoginRotation, plan: string): string {
  return `${description}

Processes that take the new ones up:

${plan.trimEnd().replace(/^(?=.)/gm, '   ')}
`;
}
