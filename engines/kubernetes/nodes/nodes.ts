import { nearestName } from '../../../src/config/nearest.ts';
import type { NodeControl, RoleChange, StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { type NodeRole, nodeRoles, roleTraits } from '../../../src/model/node-role.ts';
import type { ObservedNode } from '../../../src/model/observed.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, httpStatusOf } from '../api/failure.ts';
import type { Node, Pod } from '../api/objects.ts';
import { Label, leftBehind } from '../names.ts';
import { internalAddresses, isReady, isSchedulable, observeNodes, rolesOf } from '../observe/facts.ts';
import { type CloudScope, listPods } from '../observe/live.ts';
import { readNodes } from '../observe/nodes.ts';
import { bidFarewell } from '../pods/farewell.ts';
import { isRunning } from '../pods/find.ts';
import { lostAmong } from '../pods/lost.ts';
import { podRef, waitUntilGone } from '../steps/remove.ts';
import type { RunContext } from '../steps/run-context.ts';
import { Patience } from '../waiters/patience.ts';
import { cleanNode } from './clean.ts';

/** Longest wait for the pods on a node to be gone while nothing moves, in seconds. */
const LEAVE_LIMIT = 180;
const PAUSE = 500;
const drainedRoles = nodeRoles.filter((role) => roleTraits[role].leaves);

/** What is done with the nodes of a cluster; `clean` removes what a node keeps that is marked for it. */
export function createNodeControl(
  api: ClusterApi,
  clock: Clock,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  {
    prepare,
    clean,
  }: Pick<NodeControl, 'prepare'> & {
    clean(node: string, desired: Desired, context: Pick<StepContext, 'signal' | 'waiting'>): Promise<void>;
  },
): NodeControl {
  return {
    list: async () => listForUsers(await readNodes(api)),
    prepare,
    addresses: async (node) =>
      (await readNodes(api)).filter(({ metadata }) => metadata.name === node).flatMap(internalAddresses),
    changeRoles: (node, change) => changeRoles(api, node, change),
    async release(node, desired, context) {
      if (!(await releaseNode(api, clock, { scope, node, desired }, context))) return false;
      context.waiting(`what the cloud kept on ${node} to be removed`);
      await clean(node, desired, context);
      return true;
    },
  };
}

/** All nodes, those without a role and those that take no pods too. */
function listForUsers(nodes: readonly Node[]): ObservedNode[] {
  const taken = new Map(observeNodes(nodes).map((node) => [node.name, node]));
  return nodes
    .map(
      (node): ObservedNode =>
        taken.get(node.metadata.name) ?? {
          name: node.metadata.name,
          roles: rolesOf(node),
          ready: isReady(node) && isSchedulable(node),
          unlabelled: false,
        },
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Gives a node roles, and takes others away. Throws `node.unknown` with the nearest valid name. */
export async function changeRoles(
  api: ClusterApi,
  node: string,
  { add = [], remove = [] }: RoleChange,
): Promise<void> {
  const labelled = (roles: readonly NodeRole[], value: string | null) =>
    roles.map((role) => [roleTraits[role].label, value] as const);
  // In a merge patch null removes.
  const labels = Object.fromEntries([...labelled(add, ''), ...labelled(remove, null)]);
  try {
    await patchNode(api, node, { labels });
  } catch (thrown) {
    if (httpStatusOf(thrown) === 404) throw unknownNode(node, await readNodes(api));
    throw clusterFailure(`The node ${node} could not be labelled`, thrown);
  }
}

async function patchNode(
  api: ClusterApi,
  node: string,
  metadata: Partial<Record<'labels' | 'annotations', Record<string, string | null>>>,
): Promise<void> {
  await api.request('PATCH', `/api/v1/nodes/${encodeURIComponent(node)}`, {
    query: { fieldManager: 'gantry' },
    body: { metadata },
    contentType: 'application/merge-patch+json',
  });
}

/**
 * Removes what a node keeps of its time in the cloud, once it was drained. One that was lost then keeps it until it is
 * back: Nova refuses to start on a node with servers that it does not know.
 */
export async function cleanLeftBehind(
  run: RunContext,
  node: string,
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<void> {
  const { api, scope, options } = run;
  const annotation = leftBehind(scope.cloud);
  const found = (await readNodes(api)).find(({ metadata }) => metadata.name === node);
  if (found?.metadata.annotations?.[annotation] === undefined) return;
  const staying = stayingOn(found, run.desired);
  const ending = (await podsOn(api, scope, node)).filter((pod) => !staying.has(nameOf(pod)));
  await waitUntilGone(api, options.clock, ending.map(podRef), LEAVE_LIMIT, context);
  await cleanNode(run, node, context, staying);
  await patchNode(api, node, { annotations: { [annotation]: null } });
}

interface ReleaseInput {
  scope: Pick<CloudScope, 'cloud' | 'namespace'>;
  node: string;
  desired: Desired;
}

/**
 * Ends the cloud's processes on a node: farewells first, then its roles, until the pods are gone. Those of the
 * role control stay, with the role. What the others kept is still there, and the node is marked for it. Resolves to
 * false where the node is lost: they end when it is back.
 */
async function releaseNode(
  api: ClusterApi,
  clock: Clock,
  { scope, node, desired }: ReleaseInput,
  context: Pick<StepContext, 'signal' | 'waiting'>,
): Promise<boolean> {
  const nodes = await readNodes(api);
  const isOutOfReach = lostAmong(nodes);
  const staying = stayingOn(
    nodes.find(({ metadata }) => metadata.name === node),
    desired,
  );
  const leaves = (pod: Pod) => isOfRole(pod) && !staying.has(nameOf(pod));
  const farewells = new Map(desired.processes.map(({ name, farewell }) => [name, farewell]));
  for (const pod of await podsOn(api, scope, node)) {
    const farewell = farewells.get(nameOf(pod));
    if (!farewell || !leaves(pod) || !isRunning(pod) || isOutOfReach(pod)) continue;
    context.waiting(`${nameOf(pod)} on ${node} to end what outlives its pod`);
    await bidFarewell(api, pod, farewell, context.signal);
  }
  await changeRoles(api, node, { remove: drainedRoles });
  await patchNode(api, node, { annotations: { [leftBehind(scope.cloud)]: '' } });
  let leaving: Pod[] = [];
  const patience = new Patience(clock, LEAVE_LIMIT, async () =>
    leaving.map(({ metadata: { uid, resourceVersion } }) => `${uid} ${resourceVersion}`).join(),
  );
  for (;;) {
    leaving = (await podsOn(api, scope, node)).filter(leaves);
    if (leaving.some(isOutOfReach)) return false;
    const left = leaving.map(nameOf);
    if (left.length === 0) return true;
    context.waiting(`${left.join(', ')} on ${node} to be gone`);
    if (await patience.isOver()) {
      throw new GantryError({
        code: 'node.not-left',
        whose: 'environment',
        message: `${left.join(', ')} did not leave ${node} within ${patience.waited} s, and nothing moves any more`,
        next: 'Run the same command again; `kubectl describe node` may show why.',
      });
    }
    await clock.sleep(PAUSE, context.signal);
  }
}

async function podsOn(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  node: string,
): Promise<Pod[]> {
  return (await listPods(api, scope)).filter(({ spec }) => spec.nodeName === node);
}

/** The processes that stay on a node that is drained: those of the roles that it keeps. */
function stayingOn(node: Node | undefined, { processes }: Desired): ReadonlySet<string> {
  const kept = node ? rolesOf(node).filter((role) => !drainedRoles.includes(role)) : [];
  const staying = processes.filter(({ on }) => on.some((role) => kept.includes(role)));
  return new Set(staying.map(({ name }) => name));
}

/** Pods that are there because of the node's role go with it; others stay until the cluster moves them. */
function isOfRole({ metadata }: Pod): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false;
}

function nameOf({ metadata }: Pod): string {
  return metadata.labels?.[Label.name] ?? metadata.name;
}

function unknownNode(wanted: string, nodes: readonly Node[]): GantryError {
  const names = nodes.map(({ metadata }) => metadata.name).sort();
  const nearest = nearestName(wanted, names);
  return new GantryError({
    code: 'node.unknown',
    whose: 'user',
    message: `the cluster has no node ${wanted}`,
    why: `It has: ${names.join(', ')}`,
    next: nearest ? `Did you mean ${nearest}?` : 'Name one of those; `gantry node list` shows them.',
  });
}
