import { stringify } from 'yaml';
import type { KeyPair } from './certificates.ts';
import { apiServer } from './settings.ts';

/** A kubeconfig of one user, with everything inside. */
export function renderKubeconfig(user: string, authority: string, pair: KeyPair): string {
  const name = 'gantry-cluster';
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: apiServer, 'certificate-authority-data': encode(authority) } }],
    contexts: [{ name, context: { cluster: name, user } }],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': encode(pair.certificate),
          'client-key-data': encode(pair.key),
        },
      },
    ],
  });
}
