/**
 * All that is used of the official client. Its version is pinned in package.json: inside paths are no promise of its
 * authors. They are taken since loading the whole library takes longer than most commands.
 */
export type {
  V1Container,
  V1DaemonSet,
  V1Deployment,
  V1DeploymentStrategy,
  V1Job,
  V1Namespace,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodSecurityContext,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Probe,
  V1Secret,
  V1SecurityContext,
  V1Service,
  V1ServiceAccount,
  V1ServicePort,
  V1StatefulSet,
  V1Toleration,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
export type { KubeConfig } from '@kubernetes/client-node/dist/config.js';

export function importConfig() {
  return import('@kubernetes/client-node/dist/config.js');
}

export function importWebSocketHandler() {
  return import('@kubernetes/client-node/dist/web-socket-handler.js');
}
