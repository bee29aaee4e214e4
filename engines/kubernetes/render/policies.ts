import type { Port, Process, Workload } from '../../../src/model/workload.ts';
import type { V1NetworkPolicyPeer, V1NetworkPolicyPort, V1PodDisruptionBudget } from '../api/library.ts';
import { Label } from '../names.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { desiredObject, type Manifest, podSelector, type RenderInput, workloadMetadata } from './object.ts';
import { isPerNode, isStateful } from './placement.ts';
import { protocolOf } from './ports.ts';

/** As the API takes it: the client's own type has `_from`, which only its serializer renames. */
interface IngressRule {
  from?: V1NetworkPolicyPeer[];
  ports?: V1NetworkPolicyPort[];
}

/**
 * Who may connect to a process: those that say that they reach it, and its own other instances. Undefined where nobody
 * may, which is so without a policy of its own, and on the node's network, where no policy holds.
 *
 * Connections from the node's network have no pod to be known by, and network plugins differ in the address they
 * show; ports that such a process or a user outside reaches are open to all.
 */
export function renderNetworkPolicy(input: RenderInput, process: Process): DesiredObject | undefined {
  if (process.needs.hostNetwork) return undefined;
  const { desired } = input;
  const reachers = [...desired.processes, ...desired.jobs].filter((one) => reachesProcess(one, process));
  const pods = reachers.filter(({ needs }) => !needs.hostNetwork);
  const fromNodes = pods.length < reachers.length;
  const open = process.ports.filter(({ publicPort }) => fromNodes || publicPort !== undefined);
  const closed = process.ports.filter((port) => !open.includes(port));
  const ingress: IngressRule[] = [];
  if (open.length > 0) ingress.push({ ports: open.map(policyPort) });
  if (closed.length > 0 && pods.length > 0) {
    ingress.push({ from: [from(pods.map(({ name }) => name))], ports: closed.map(policyPort) });
  }
  if (isStateful(process)) ingress.push({ from: [from([process.name])] });
  if (ingress.length === 0) return undefined;
  return desiredObject({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: workloadMetadata(input, process, process.name),
    spec: { podSelector: { matchLabels: podSelector(process) }, policyTypes: ['Ingress'], ingress },
  } as Manifest);
}

/** Of several instances one at a time may be taken away for the cluster's own reasons, such as draining a node. */
export function renderDisruptionBudget(input: RenderInput, process: Process): DesiredObject | undefined {
  if (process.replicas < 2 || isPerNode(process)) return undefined;
  const manifest: V1PodDisruptionBudget & Manifest = {
    apiVersion: input.cluster.groupVersions.has('policy/v1') ? 'policy/v1' : 'policy/v1beta1',
    kind: 'PodDisruptionBudget',
    metadata: workloadMetadata(input, process, process.name),
    spec: { maxUnavailable: 1, selector: { matchLabels: podSelector(process) } },
  };
  return desiredObject(manifest);
}

function reachesProcess(from: Workload, { name, aliases }: Process): boolean {
  return from.reaches.some((reached) => reached === name || aliases.includes(reached));
}

function from(names: readonly string[]): V1NetworkPolicyPeer {
  return {
    podSelector: { matchExpressions: [{ key: Label.name, operator: 'In', values: [...names].sort() }] },
  };
}

function policyPort(port: Port): V1NetworkPolicyPort {
  return { port: port.port, protocol: protocolOf(port) };
}
