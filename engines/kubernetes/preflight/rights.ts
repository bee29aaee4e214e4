import { GantryError } from '../../../src/errors.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, httpStatusOf } from '../api/failure.ts';
import { mapBounded } from '../api/pool.ts';
import { allKinds, resourceOf } from '../api/resources.ts';

/** One thing that commands do with the API. */
export interface Right {
  /** Group of the API; empty for the core. */
  group: string;
  /** With a subresource after a slash. */
  resource: string;
  verb: string;
  /** Undefined for what belongs to the whole cluster. */
  namespace: string | undefined;
}

const objectVerbs = ['get', 'list', 'create', 'patch', 'delete'];

/**
 * Everything that a cloud made of these kinds takes.
 * @param addresses whether it gives a service addresses itself
 */
export function neededRights(kinds: Iterable<string>, namespace: string, addresses: boolean): Right[] {
  const objects = [...new Set(kinds)].flatMap((kind) => {
    const { plural, namespaced, versions } = resourceOf(kind);
    const [version = ''] = versions;
    const group = version.includes('/') ? (version.split('/')[0] ?? '') : '';
    const where = namespaced ? namespace : undefined;
    return objectVerbs.map((verb) => ({ group, resource: plural, verb, namespace: where }));
  });
  const core = (resource: string, verb: string, where?: string): Right => ({
    group: '',
    resource,
    verb,
    namespace: where,
  });
  return [
    ...objects,
    core('pods/log', 'get', namespace),
    // WebSockets begin as a GET; newer servers ask for both.
    ...['pods/exec', 'pods/portforward'].flatMap((resource) => [
      core(resource, 'get', namespace),
      core(resource, 'create', namespace),
    ]),
    ...(addresses ? [core('services/status', 'patch', namespace)] : []),
    core('events', 'list', namespace),
    core('nodes', 'list'),
    core('nodes', 'patch'),
  ];
}

/** Asks the API server about each right, and names all that are missing at once. */
export async function checkRights(api: ClusterApi, rights: readonly Right[]): Promise<Finding> {
  const check = 'rights';
  if (await isAllowed(api, { group: '*', resource: '*', verb: '*', namespace: undefined })) {
    return { check, level: 'ok', message: 'all' };
  }
  const allowed = await mapBounded(rights, 16, (right) => isAllowed(api, right));
  const missing = rights.filter((_, index) => !allowed[index]);
  if (missing.length === 0) return { check, level: 'ok', message: 'all that a cloud takes' };
  return {
    check,
    level: 'error',
    message: `these credentials may not: ${describeRights(missing)}`,
    next: 'Have the administrator of the cluster grant them, or use other credentials (--context).',
  };
}

/**
 * What the cluster refused to show, as an error for users: where rights are missing, all that are, not only the first
 * that was met.
 */
export async function lookFailure(api: ClusterApi, namespace: string, thrown: unknown): Promise<unknown> {
  const what = 'The cluster could not be looked at';
  if (httpStatusOf(thrown) !== 403) return clusterFailure(what, thrown);
  const finding = await checkRights(api, neededRights(allKinds(), namespace, false)).catch(() => undefined);
  if (finding?.level !== 'error') return clusterFailure(what, thrown);
  const { message, next } = finding;
  return new GantryError({
    code: 'kubernetes.rights',
    whose: 'environment',
    message,
    why: `The context is ${api.context}; the namespace, ${namespace}.`,
    ...(next ? { next } : {}),
    cause: thrown,
  });
}

async function isAllowed(api: ClusterApi, { group, resource, verb, namespace }: Right): Promise<boolean> {
  const [name, subresource] = resource.split('/');
  const { status } = await api.request<{ status?: { allowed?: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            group,
            resource: name,
            verb,
            ...(subresource ? { subresource } : {}),
            ...(namespace === undefined ? {} : { namespace }),
          },
        },
      },
    },
  );
  return status?.allowed === true;
}

/** Verbs by resource, such as `create, delete secrets; list nodes (in the whole cluster)`. */
function describeRights(rights: readonly Right[]): string {
  const byResource = new Map<string, string[]>();
  for (const { resource, verb, namespace } of rights) {
    const key = namespace === undefined ? `${resource} (in the whole cluster)` : resource;
    byResource.set(key, [...(byResource.get(key) ?? []), verb]);
  }
  return [...byResource].map(([resource, verbs]) => `${verbs.join(', ')} ${resource}`).join('; ');
}
