import type { KubeObject, ServiceObject } from '../api/objects.ts';

/** Fields that the API server fills in and changes by itself. */
const ownMetadata = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
  'selfLink',
]);

/** Annotations that the server's controllers count in, where they change with every template. */
const ownAnnotations = new Set([
  'deprecated.daemonset.template.generation',
  'deployment.kubernetes.io/revision',
]);

/**
 * Paths of the fields in which two objects differ, such as `spec.replicas`; entries of lists are named by their
 * `name` where they have one, else by their place. What is only on one side is named as a whole.
 */
export function differingFields(live: object, wanted: object): string[] {
  const fields: string[] = [];
  compare(withoutOwn(live), withoutOwn(wanted), '', fields);
  return fields;
}

/** Whether these, in any order, are the addresses of a service's load balancer. */
export function answersAt(object: KubeObject, addresses: readonly string[]): boolean {
  const ingress = (object as ServiceObject).status?.loadBalancer?.ingress ?? [];
  const found = ingress.map(({ ip }) => ip);
  return found.length === addresses.length && addresses.every((address) => found.includes(address));
}

function withoutOwn(object: object): object {
  const { status: _status, metadata, ...rest } = object as Record<string, unknown>;
  const kept = Object.entries((metadata ?? {}) as object)
    .filter(([name]) => !ownMetadata.has(name))
    .map(([name, value]) => [name, name === 'annotations' ? withoutCounts(value) : value]);
  return { ...rest, metadata: Object.fromEntries(kept) };
}

function withoutCounts(annotations: object): object {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !ownAnnotations.has(name)));
}

function compare(a: unknown, b: unknown, path: string, fields: string[]): void {
  if (Object.is(a, b)) return;
  if (isRecord(a) && isRecord(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(a[key], b[key], join(path, key), fields);
    }
    return;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const left = byName(a);
    const right = byName(b);
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      compare(left.get(key), right.get(key), `${path}[${key}]`, fields);
    }
    return;
  }
  // The server leaves empty lists and maps out of some objects.
  if (isEmpty(a) && isEmpty(b)) return;
  fields.push(path);
}

function byName(list: unknown[]): Map<string, unknown> {
  const names = list.map((entry) =>
    isRecord(entry) && typeof entry.name === 'string' ? entry.name : undefined,
  );
  const distinct = new Set(names).size === list.length && !names.includes(undefined);
  return new Map(list.map((entry, index) => [distinct ? (names[index] as string) : String(index), entry]));
}

function join(path: string, key: string): string {
  const text = /^[\w-]+$/.test(key) ? key : `[${key}]`;
  return path === '' ? text : text.startsWith('[') ? `${path}${text}` : `${path}.${text}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
