import { join } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../../src/root.ts';
import { type Authority, ensureAuthority } from '../../src/secrets/authority.ts';
import { filesIn } from '../../src/secrets/files.ts';
import type { File } from './archive.ts';
import { createSigningKey, issue, type KeyPair, type Subject } from './certificates.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { addresses, clusterDomain } from './settings.ts';

/** The user that cluster DNS and storage act as. */
export const servicesUser = 'gantry-cluster-services';
/** The user that the API server is to kubelets. */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

const pki = '/etc/kubernetes/pki';

/** All that the control plane reads: keys and certificates of the authority in the state directory, kubeconfigs. */
export async function renderControlFiles(state: string, now: Date): Promise<File[]> {
  const authority = await ensureAuthority(filesIn(state), () => now);
  const frontProxy = await ensureAuthority(filesIn(join(state, 'front-proxy')), () => now);
  const signing = await createSigningKey();
  const pair = (name: string, { certificate, key }: KeyPair): File[] => [
    { path: `${pki}/${name}.pem`, content: certificate },
    { path: `${pki}/${name}.key`, content: key },
  ];
  const kubeconfig = async (name: string, subject: Subject): Promise<File> => ({
    path: `/etc/kubernetes/${name}.kubeconfig`,
    content: renderKubeconfig(subject.user, authority.certificate, await issue(authority, subject, now)),
  });
  return [
    ...pair('authority', authority),
    ...pair('apiserver', await issue(authority, apiServerSubject, now)),
    ...pair('apiserver-kubelet', await issue(authority, { user: kubeletClientUser }, now)),
    { path: `${pki}/front-proxy-authority.pem`, content: frontProxy.certificate },
    ...pair('front-proxy', await issue(frontProxy, { user: 'front-proxy' }, now)),
    { path: `${pki}/service-accounts.key`, content: signing.private },
    { path: `${pki}/service-accounts.pub`, content: signing.public },
    await kubeconfig('controller-manager', { user: 'system:kube-controller-manager' }),
    await kubeconfig('scheduler', { user: 'system:kube-scheduler' }),
    await kubeconfig('services', { user: servicesUser }),
    { path: '/usr/lib/gantry/services.mjs', content: await bundleServices(), mode: 0o644 },
  ];
}

/** The administrator's kubeconfig. */
export async function renderAdminKubeconfig(authority: Authority, now: Date): Promise<string> {
  const subject = { user: 'admin', groups: ['system:masters'] };
  return renderKubeconfig(subject.user, authority.certificate, await issue(authority, subject, now));
}

const apiServerSubject: Subject = {
  user: 'kube-apiserver',
  dns: [
    'localhost',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
  ],
  ip: [addresses.control, addresses.kubernetesService, '127.0.0.1'],
};

/** Cluster DNS and storage as one file for Debian's Node. */
async function bundleServices(): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [join(projectRoot(), 'test/cluster/services/main.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'silent',
    // What esbuild makes of CommonJS modules calls require, which ES modules lack.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
}
