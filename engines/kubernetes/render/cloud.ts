import type { V1Namespace, V1NetworkPolicy, V1ServiceAccount } from '../api/library.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { desiredObject, type Manifest, type RenderInput, sharedLabels } from './object.ts';
import { ACCOUNT } from './pod.ts';
import { renderSharedClaims } from './volumes.ts';

/** What the processes of a cloud share: their namespace, an account without rights, closed doors, shared data. */
export function renderShared(input: RenderInput): DesiredObject[] {
  const { desired, cluster } = input;
  const labels = sharedLabels(desired.cloud);
  const metadata = (name: string) => ({ name, namespace: cluster.namespace, labels });
  const namespace: V1Namespace & Manifest = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: cluster.namespace,
      // Hypervisors and switches need the node's network and capabilities: stricter levels refuse them. Where a cluster
      // warns of less than it refuses, it would of each.
      labels: {
        ...labels,
        'pod-security.kubernetes.io/enforce': 'privileged',
        'pod-security.kubernetes.io/warn': 'privileged',
      },
    },
  };
  const account: V1ServiceAccount & Manifest = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(ACCOUNT),
    automountServiceAccountToken: false,
    ...(cluster.imagePullSecrets.length > 0
      ? { imagePullSecrets: cluster.imagePullSecrets.map((name) => ({ name })) }
      : {}),
  };
  const closed: V1NetworkPolicy & Manifest = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata('closed-by-default'),
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  };
  return [...[namespace, account, closed].map(desiredObject), ...renderSharedClaims(input)];
}
