import type { ClusterApi } from '../api/client.ts';
import { unlessMissing } from '../api/failure.ts';
import type { KubeObject, ServiceObject } from '../api/objects.ts';
import { objectPath } from '../api/resources.ts';
import { FIELD_MANAGER } from '../names.ts';
import { type ApplyOptions, applyObject } from '../observe/compare.ts';
import { answersAt } from '../observe/difference.ts';
import type { DesiredObject } from '../plan/bundle.ts';

/**
 * Applies a service, then its addresses.
 *
 * A service answers at the addresses of its load balancer, which are in its status. Where its class is nobody's, whoever
 * keeps the service puts them there: what the Kubernetes project advises instead of `externalIPs`, which any user of a
 * cluster may claim. An apply leaves the status alone.
 * https://kubernetes.io/blog/2026/05/14/kubernetes-v1-36-deprecation-and-removal-of-service-externalips/
 *
 * One that has the same by `externalIPs` keeps them until then: so there is no time in which it answers at none.
 */
export async function applyWithAddresses(
  api: ClusterApi,
  object: DesiredObject & { addresses: readonly string[] },
  options: ApplyOptions,
): Promise<{ httpStatus: number; body: KubeObject }> {
  const { ref, manifest, addresses } = object;
  const { signal } = options;
  const live = await unlessMissing(api.request<ServiceObject>('GET', objectPath(ref), { signal }));
  const externalIPs = live?.spec.externalIPs ?? [];
  if (externalIPs.length > 0) {
    const { spec } = manifest as ServiceObject;
    const both = { ...object, manifest: { ...manifest, spec: { ...spec, externalIPs } } };
    await applyObject(api, both, { ...options, ignoreWarnings: true });
    await writeAddresses(api, object, { ...options, ignoreWarnings: true });
  }
  const answer = await applyObject(api, object, options);
  if (!answersAt(answer.body, addresses)) await writeAddresses(api, object, options);
  return answer;
}

async function writeAddresses(
  api: ClusterApi,
  { ref, addresses }: DesiredObject & { addresses: readonly string[] },
  { signal, ignoreWarnings = false }: ApplyOptions,
): Promise<void> {
  await api.request('PATCH', `${objectPath(ref)}/status`, {
    query: { fieldManager: FIELD_MANAGER },
    body: { status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } } },
    contentType: 'application/merge-patch+json',
    ignoreWarnings,
    signal,
  });
}
