import type { WantedWire } from '../../../src/engine/external-interface.ts';
import { checkServersWay } from '../../../src/engine/servers-way.ts';
import { GantryError } from '../../../src/errors.ts';
import type { CpuSet } from '../../../src/model/cpu-set.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { type ClusterApi, createClusterApi } from '../api/client.ts';
import { clusterFailure, httpStatusOf, unlessForbidden, unlessMissing } from '../api/failure.ts';
import { loadKubeConfig } from '../api/kubeconfig.ts';
import type { KubeList, Node, Pod } from '../api/objects.ts';
import { allKinds } from '../api/resources.ts';
import type { ApiWarning } from '../api/warnings.ts';
import type { KubernetesSettings } from '../context.ts';
import { Label } from '../names.ts';
import { type ClusterKnowledge, frontDoorOf, readCluster } from '../observe/facts.ts';
import { readNodes } from '../observe/nodes.ts';
import { readUnseeded } from '../observe/registry.ts';
import {
  checkDeviceNodes,
  checkFrontDoor,
  checkNodes,
  checkOtherClouds,
  checkProxyMode,
  checkRanges,
  checkRoles,
  checkSeeds,
  checkStorage,
  checkVersion,
  checkWithheldDevices,
} from './checks.ts';
import { checkCpuSets } from './cpus.ts';
import { readPodDetections } from './detections.ts';
import { checkNamespace } from './namespace.ts';
import { type Admits, checkPullSecrets } from './pull-secrets.ts';
import { checkRights, neededRights } from './rights.ts';
import { checkWires } from './wire.ts';

export interface PreflightInput {
  environment: NodeJS.ProcessEnv;
  context: string | undefined;
  settings: KubernetesSettings;
  desired: Desired;
  /** What the external network is to be attached to. */
  wire: WantedWire;
  /** CPUs for what runs outside of containers. */
  cpuSets: readonly CpuSet[];
  /** Ranges of the cloud's networks, which must not be the pods'. */
  ranges: { name: string; subnet: string }[];
  /** What the nodes whose hypervisor runs already found out about KVM. */
  accelerators(): Promise<readonly Finding[]>;
  /** Asks the registry whether it answers; what it throws becomes a finding. */
  askRegistry(registry: string): Promise<unknown>;
  admits: Admits;
  onWarning(warning: ApiWarning): void;
}

/** Everything that could be in the way of a cloud on this cluster, all at once; changes nothing. */
export async function preflight(input: PreflightInput): Promise<Finding[]> {
  try {
    const { onWarning } = input;
    const api = createClusterApi(await loadKubeConfig(input.environment, input.context), { onWarning });
    try {
      return await checkCluster(api, input);
    } finally {
      api.close();
    }
  } catch (thrown) {
    const failure = clusterFailure('The cluster could not be looked at', thrown);
    if (!(failure instanceof GantryError)) throw failure;
    return [findingOf('cluster', failure)];
  }
}

/** The part of it that a plan looks at as well: what would harm before anybody sees why. */
export async function checkHarm(
  input: Pick<PreflightInput, 'environment' | 'context' | 'settings' | 'wire'>,
): Promise<Finding[]> {
  const { settings, wire } = input;
  const api = createClusterApi(await loadKubeConfig(input.environment, input.context));
  // Commands in every node's switch cost more than a plan of a cloud without an interface is worth.
  const look = async () =>
    wire.name === undefined ? [] : checkWires(api, settings, wire, await readNodes(api));
  try {
    const found = await Promise.all([checkNamespace(api, settings), unlessForbidden(look())]);
    return found.flatMap((findings) => findings ?? []);
  } catch (thrown) {
    throw clusterFailure('The cluster could not be looked at', thrown);
  } finally {
    api.close();
  }
}

async function checkCluster(api: ClusterApi, input: PreflightInput): Promise<Finding[]> {
  const { settings, desired, ranges } = input;
  type Version = { major: string; minor: string; gitVersion: string };
  const version = await api.request<Version>('GET', '/version');
  const where = `at ${api.server} (context ${api.context})`;
  const minor = Number.parseInt(version.minor, 10);
  const addresses = frontDoorOf(settings, minor) === 'nodes';
  const rights = await checkRights(api, neededRights(allKinds(), settings.namespace, addresses));
  const first = [checkVersion(version, where), rights];
  // Who may not look at the nodes gets no further; what else may not be seen is left out.
  if (rights.level === 'error' && /list[^;]* nodes/.test(rights.message)) return first;
  const [nodes, knowledge] = await Promise.all([readNodes(api), readCluster(api, settings)]);
  // Of several roles that place something, any will do.
  const roles = new Set(desired.processes.flatMap(({ on }) => (on.length === 1 ? on : [])));
  const [
    storage,
    others,
    registry,
    pullSecrets,
    security,
    proxyConfig,
    detections,
    wires,
    namespace,
    cpuSets,
    accelerators,
  ] = await Promise.all([
    readStorage(api, input),
    readOtherClouds(api, desired.cloud),
    unlessForbidden(checkRegistry(api, input, knowledge, nodes)),
    unlessForbidden(checkPullSecrets(api, input)),
    checkPodSecurity(api, input, knowledge),
    readProxyConfig(api),
    unlessForbidden(readPodDetections(api, settings, desired.processes)),
    unlessForbidden(checkWires(api, settings, input.wire, nodes)),
    checkNamespace(api, settings),
    checkCpuSets(api, nodes, input.cpuSets, desired.processes),
    input.accelerators(),
  ]);
  return [
    ...first,
    ...checkNodes(nodes),
    ...checkRoles(nodes, roles),
    ...checkDeviceNodes(nodes, desired.processes),
    ...checkWithheldDevices([...desired.processes, ...desired.jobs]),
    ...(detections ?? []),
    ...(wires ?? []),
    ...accelerators,
    ...cpuSets,
    ...storage,
    ...(registry ? [registry] : []),
    ...(pullSecrets ?? []),
    ...security,
    ...namespace,
    ...checkProxyMode(proxyConfig, settings.frontDoor),
    checkFrontDoor(desired, knowledge.engine.publicAddresses, {
      asked: settings.frontDoor,
      best: frontDoorOf({ frontDoor: 'nodes' }, minor),
    }),
    ...checkServersWay(desired),
    ...checkRanges(ranges, nodes.flatMap(podRangesOf)),
    ...others,
  ];
}

/** Where kubeadm and those who follow it keep the configuration of kube-proxy; undefined where there is none. */
async function readProxyConfig(api: ClusterApi): Promise<string | undefined> {
  type ConfigMap = { data?: { 'config.conf'?: string } };
  const path = '/api/v1/namespaces/kube-system/configmaps/kube-proxy';
  const found = await unlessMissing(unlessForbidden(api.request<ConfigMap>('GET', path)));
  return found?.data?.['config.conf'];
}

async function readStorage(api: ClusterApi, { settings }: PreflightInput): Promise<Finding[]> {
  type Classes = KubeList<Parameters<typeof checkStorage>[0][number]>;
  const classes = await unlessForbidden(
    api.request<Classes>('GET', '/apis/storage.k8s.io/v1/storageclasses'),
  );
  if (classes) return checkStorage(classes.items, settings);
  return [{ check: 'storage', level: 'ok', message: 'these credentials may not list the storage classes' }];
}

async function readOtherClouds(api: ClusterApi, cloud: string): Promise<Finding[]> {
  const query = { labelSelector: `${Label.cloud},${Label.cloud}!=${cloud}` };
  const pods = await unlessForbidden(api.request<KubeList<Pod>>('GET', '/api/v1/pods', { query }));
  return checkOtherClouds(cloud, pods?.items ?? []);
}

async function checkRegistry(
  api: ClusterApi,
  { settings, desired, askRegistry }: PreflightInput,
  { cluster: { imagePrefix } }: ClusterKnowledge,
  nodes: readonly Node[],
): Promise<Finding> {
  const { registry } = settings;
  if (registry === undefined) {
    return {
      check: 'registry',
      level: 'warning',
      message: 'cloud.yaml says that there is none: the nodes must have all images already',
      next: 'Leave images.registry out to have one inside the cluster, or set it to one that this machine and the nodes reach by the same name.',
    };
  }
  if (desired.registry) {
    return checkSeeds(await readUnseeded(api, settings, { desired, imagePrefix, nodes }));
  }
  try {
    await askRegistry(registry);
    return {
      check: 'registry',
      level: 'ok',
      message: `${registry} answers; the nodes must reach it by this name too`,
    };
  } catch (thrown) {
    if (thrown instanceof GantryError) return findingOf('registry', thrown);
    throw thrown;
  }
}

/** Up to 1.24 policies decide what pods may do; since then the level of the namespace, which is made as needed. */
async function checkPodSecurity(
  api: ClusterApi,
  { settings }: PreflightInput,
  { cluster }: ClusterKnowledge,
): Promise<Finding[]> {
  const check = 'pod security';
  if (cluster.groupVersions.has('policy/v1beta1') && cluster.minorVersion < 25) {
    const path = '/apis/policy/v1beta1/podsecuritypolicies';
    // Deprecated since 1.21, and not by whoever looks whether there are any.
    const request = api.request<KubeList<object>>('GET', path, { ignoreWarnings: true });
    const policies = await unlessForbidden(request.catch(unlessUnserved));
    if (policies && policies.items.length > 0) {
      return [
        {
          check,
          level: 'warning',
          message: 'PodSecurityPolicies are in force',
          next: `Let the account gantry in ${settings.namespace} use one that allows the node's network, host paths and capabilities.`,
        },
      ];
    }
  }
  return [{ check, level: 'ok', message: `the namespace ${settings.namespace} allows privileged pods` }];
}

function unlessUnserved(thrown: unknown): { items: object[] } {
  if (httpStatusOf(thrown) === 404) return { items: [] };
  throw thrown;
}

function podRangesOf({ spec }: Node): string[] {
  return spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []);
}

function findingOf(check: string, { message, why, next }: GantryError): Finding {
  return { check, level: 'error', message: why ? `${message}: ${why}` : message, ...(next ? { next } : {}) };
}
