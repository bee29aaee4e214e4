import { stringify } from 'yaml';
import type { Authority } from '../../src/secrets/authority.ts';
import type { File } from './archive.ts';
import { issue } from './certificates.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { addresses, clusterDomain, nodeAddress, nodeName, podRange, registryName } from './settings.ts';

/** All that is special to one node. */
export async function renderNodeFiles(authority: Authority, index: number, now: Date): Promise<File[]> {
  const name = nodeName(index);
  const ip = nodeAddress(index);
  const user = `system:node:${name}`;
  const kubelet = await issue(authority, { user, groups: ['system:nodes'], dns: [name], ip: [ip] }, now);
  const proxy = await issue(authority, { user: 'system:kube-proxy' }, now);
  const folder = '/etc/kubernetes';
  return [
    { path: `${folder}/authority.pem`, content: authority.certificate },
    { path: `${folder}/kubelet.pem`, content: kubelet.certificate },
    { path: `${folder}/kubelet.key`, content: kubelet.key },
    { path: `${folder}/kubelet.kubeconfig`, content: renderKubeconfig(user, authority.certificate, kubelet) },
    {
      path: `${folder}/kube-proxy.kubeconfig`,
      content: renderKubeconfig('system:kube-proxy', authority.certificate, proxy),
    },
    { path: `${folder}/kubelet.yaml`, content: stringify(kubeletConfiguration) },
    // For pods that ask not for the cluster's names but for the node's: the engine's server is not theirs to reach.
    { path: `${folder}/resolv.conf`, content: `nameserver ${addresses.control}\n`, mode: 0o644 },
    { path: '/etc/cni/net.d/10-bridge.conflist', content: JSON.stringify(podNetwork(index)) },
    {
      path: `/etc/containerd/certs.d/${registryName}/hosts.toml`,
      content: `[host."http://${addresses.registry}:5000"]\n  capabilities = ["pull", "resolve"]\n`,
    },
  ];
}

/** See https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
const kubeletConfiguration = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: '/etc/kubernetes/authority.pem' },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: '/etc/kubernetes/kubelet.pem',
  tlsPrivateKeyFile: '/etc/kubernetes/kubelet.key',
  clusterDNS: [addresses.dnsService],
  clusterDomain,
  resolvConf: '/etc/kubernetes/resolv.conf',
  cgroupDriver: 'cgroupfs',
  failSwapOn: false,
  // Containers may not lower their score everywhere.
  oomScoreAdj: 0,
  maxOpenFiles: 65_536,
  nodeStatusUpdateFrequency: '4s',
  serializeImagePulls: false,
  // The defaults since 1.27. With those of before, a node is a minute behind when forty of its pods come or go.
  kubeAPIQPS: 50,
  kubeAPIBurst: 100,
  // The disk is the whole machine's: what fills it is none of this node's pods.
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
};

function podNetwork(index: number) {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isDefaultGateway: true,
        // A pod may reach itself through a service.
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podRange(index) }]], dataDir: '/run/cni' },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
