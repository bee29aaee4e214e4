import type { Finding } from '../../../src/model/finding.ts';
import type { ClusterApi } from '../api/client.ts';
import { unlessForbidden, unlessMissing } from '../api/failure.ts';
import type { KubeList, KubeObject } from '../api/objects.ts';
import type { KubernetesSettings } from '../context.ts';
import { Label } from '../names.ts';

/** More names than these would hide the message. */
const LISTED = 5;

/**
 * A cloud closes its namespace to all connections that it does not know, and takes it down with everything in it: what
 * others have there would be lost.
 */
export async function checkNamespace(
  api: ClusterApi,
  settings: Pick<KubernetesSettings, 'cloud' | 'namespace'>,
): Promise<Finding[]> {
  const path = `/api/v1/namespaces/${settings.namespace}`;
  const query = { labelSelector: `${Label.cloud}!=${settings.cloud}`, limit: LISTED + 1 };
  const list = (plural: string) =>
    unlessForbidden(api.request<KubeList<KubeObject>>('GET', `${path}/${plural}`, { query }));
  const namespace = await unlessMissing(unlessForbidden(api.request<KubeObject>('GET', path)));
  if (!namespace) return [];
  const [pods, claims] = await Promise.all([list('pods'), list('persistentvolumeclaims')]);
  const others = [...(pods?.items ?? []), ...(claims?.items ?? [])].map(({ metadata }) => metadata.name);
  return describeNamespace(settings, namespace.metadata.labels?.[Label.cloud], others);
}

/** Pure. `owner` is the cloud that the namespace is of, `others` what is in it and not of this cloud. */
export function describeNamespace(
  { cloud, namespace }: Pick<KubernetesSettings, 'cloud' | 'namespace'>,
  owner: string | undefined,
  others: readonly string[],
): Finding[] {
  const check = 'namespace';
  if (owner !== undefined && owner !== cloud) {
    return [
      {
        check,
        level: 'error',
        message: `${namespace} is the namespace of the cloud ${owner}`,
        next: 'Set kubernetes.namespace to one of its own in cloud.yaml.',
      },
    ];
  }
  if (others.length === 0) return [];
  const more = others.length > LISTED ? ' and more' : '';
  return [
    {
      check,
      level: owner === cloud ? 'warning' : 'error',
      message: `${namespace} holds what is not of this cloud (${others.slice(0, LISTED).join(', ')}${more}): the cloud closes the namespace to their connections, and \`down --volumes\` removes it with them`,
      next: 'Set kubernetes.namespace to one of its own in cloud.yaml, or move what is there.',
    },
  ];
}
