import { nodeNetwork } from '../model/node-network.ts';
import { type Check, isGiven, report } from './checking.ts';
import type { Path } from './source.ts';

/** Names of the cloud that would be names of something else as well. */
export function checkReserved(check: Check): void {
  const { name, engine, kubernetes } = check.config;
  if (nodeNetwork(name).external === SWITCH) {
    const message = `name ${name} would give the external network the bridge ${SWITCH}, which is the switch's own`;
    report(check, 'config.reserved-name', ['name'], message);
  }
  if (engine !== 'kubernetes') return;
  const path: Path = isGiven(check, ['kubernetes', 'namespace']) ? ['kubernetes', 'namespace'] : ['name'];
  const namespace = kubernetes.namespace ?? name;
  if (!check.isSound(path) || !CLUSTERS_OWN.test(namespace)) return;
  const message = `the namespace ${namespace} is the cluster's own`;
  report(check, 'config.reserved-namespace', path, message, {
    why: 'A cloud closes its namespace to others, and takes it down with everything in it.',
    next: 'Set kubernetes.namespace to a name of its own.',
  });
}

/** Open vSwitch's bridge of the external network, on every node. */
const SWITCH = 'br-ex';
/**
 * Namespaces that every cluster begins with: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
 * Others with the prefix `kube-` are refused where something of others is in them: there may be clouds of that name.
 */
const CLUSTERS_OWN = /^(default|kube-(system|public|node-lease))$/;
