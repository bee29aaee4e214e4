import type { KubernetesObject } from '@kubernetes/client-node';
import { kubeletClientUser, servicesUser } from './control-files.ts';
import { provisioner } from './services/storage.ts';
import { addresses, registryName } from './settings.ts';

type Manifest = KubernetesObject & Record<string, unknown>;

const rbac = 'rbac.authorization.k8s.io';

/** What a cluster has before anyone uses it: its name service, storage classes, and the rights of those behind. */
export const manifests: Manifest[] = [
  clusterRole(servicesUser, [
    {
      apiGroups: [''],
      resources: ['services', 'endpoints', 'persistentvolumeclaims'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['list', 'watch', 'create', 'delete'] },
    { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get'] },
  ]),
  clusterRoleBinding(servicesUser, servicesUser, servicesUser),
  // kubectl logs and exec go through the API server to the kubelets.
  clusterRoleBinding(kubeletClientUser, 'system:kubelet-api-admin', kubeletClientUser),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system' },
    spec: {
      clusterIP: addresses.dnsService,
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53 },
        { name: 'dns-tcp', protocol: 'TCP', port: 53 },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kube-dns', namespace: 'kube-system' },
    subsets: [
      {
        addresses: [{ ip: addresses.control }],
        ports: [
          { name: 'dns', protocol: 'UDP', port: 53 },
          { name: 'dns-tcp', protocol: 'TCP', port: 53 },
        ],
      },
    ],
  },
  storageClass('standard', {
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    volumeBindingMode: 'WaitForFirstConsumer',
  }),
  storageClass('shared', { parameters: { shared: 'true' }, volumeBindingMode: 'Immediate' }),
  {
    // https://github.com/kubernetes/enhancements/tree/master/keps/sig-cluster-lifecycle/generic/1755-communicating-a-local-registry
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'local-registry-hosting', namespace: 'kube-public' },
    data: { 'localRegistryHosting.v1': `host: "${registryName}"\n` },
  },
];

function storageClass(
  name: string,
  { annotations = {}, ...options }: { annotations?: Record<string, string> } & Record<string, unknown>,
): Manifest {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
    provisioner,
    reclaimPolicy: 'Delete',
    ...options,
  };
}

function clusterRole(name: string, rules: object[]): Manifest {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
}

function clusterRoleBinding(name: string, role: string, user: string): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
  };
}
