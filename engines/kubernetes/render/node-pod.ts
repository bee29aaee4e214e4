import { hashOf } from '../../../src/plan/identity.ts';
import type { V1PodSpec } from '../api/library.ts';
import { ACCOUNT } from './pod.ts';

/** Name of a pod that does something on one node. Names of nodes may be as long as those of pods: the hash tells them apart. */
export function nodePodName(purpose: string, node: string): string {
  return `${purpose}-${hashOf(node)}`;
}

/**
 * What such pods have in common: they are put on the node directly, whatever state it is in, and run once.
 * @param seconds their longest life
 */
export function nodePodSpec(node: string, seconds: number): Omit<V1PodSpec, 'containers'> {
  return {
    nodeName: node,
    tolerations: [{ operator: 'Exists' }],
    restartPolicy: 'Never',
    activeDeadlineSeconds: seconds,
    terminationGracePeriodSeconds: 0,
    serviceAccountName: ACCOUNT,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
  };
}
