import type { Desired } from '../../../src/model/desired.ts';
import { parseStrings } from '../../../src/model/strings.ts';
import type { Process } from '../../../src/model/workload.ts';
import { fileHashesOf } from '../../../src/plan/identity.ts';
import type { ClusterApi } from '../api/client.ts';
import { unlessMissing } from '../api/failure.ts';
import type { Node, SecretObject, WorkloadObject } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import { workloadKinds } from '../api/resources.ts';
import { Annotation, Label, reloadableName } from '../names.ts';
import type { ObservedRollout } from '../plan/bundle.ts';
import { groupByProcess } from '../pods/find.ts';
import { summarize } from '../waiters/summary.ts';
import { rolloutProgress } from '../waiters/workload.ts';
import { mountedKeys, mountedSecrets } from './files.ts';
import { type CloudScope, type Live, listPodsOf, readObject } from './live.ts';
import { listEvents } from './snapshots.ts';

interface ReadInput {
  desired: Pick<Desired, 'processes'>;
  live: Live;
  scope: Pick<CloudScope, 'cloud' | 'namespace'>;
  nodes: readonly Node[];
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Every process of which there is a controller's object: what its pods are made from, and how far that came. Only of
 * what is not ready are there pods to look at: all of them are as many as the cluster has nodes, some times over.
 */
export async function readRollouts(
  api: ClusterApi,
  input: ReadInput,
): Promise<Record<string, ObservedRollout>> {
  const { live, scope, nodes, now } = input;
  const wanted = new Map(input.desired.processes.map((process) => [process.name, process]));
  const found = [...live.objects.values()].flatMap(({ ref, object }) =>
    workloadKinds.some((kind) => kind === ref.kind) && object.metadata.labels?.[Label.kind] !== 'job'
      ? [
          {
            kind: ref.kind,
            object: object as WorkloadObject,
            name: object.metadata.labels?.[Label.name] ?? ref.name,
          },
        ]
      : [],
  );
  const unready = found.filter(({ kind, object }) => !rolloutProgress(kind, object).done);
  const [pods, events] = await Promise.all([
    listPodsOf(
      api,
      scope,
      unready.map(({ name }) => name),
    ),
    unready.length > 0 ? listEvents(api, scope.namespace) : [],
  ]);
  const podsByName = groupByProcess(pods);
  const rollouts = await mapBounded(found, 8, async ({ kind, object, name }) => {
    const summary = summarize(name, { kind, object }, podsByName.get(name) ?? [], { events, nodes, now });
    const made = madeFrom(object, live, name);
    const files = await readChangedFiles(api, scope.namespace, object, made.fileHashes, wanted.get(name));
    const rollout: ObservedRollout = {
      ...made,
      files,
      ready: summary.done,
      detail: summary.done ? undefined : summary.sentence,
    };
    return [name, rollout] as const;
  });
  return Object.fromEntries(rollouts);
}

/** What the pod template says that it was rendered from, and what running pods took up since. */
function madeFrom(
  object: WorkloadObject,
  live: Live,
  name: string,
): Omit<ObservedRollout, 'files' | 'ready' | 'detail'> {
  const { labels, annotations } = object.spec.template.metadata ?? {};
  const reloadable = live.objects.get(`Secret/${reloadableName(name)}`)?.object.metadata.annotations;
  // Until the Secret first changes, pods have what it holds.
  const takenUp = reloadable?.[Annotation.takenUp] ?? reloadable?.[Annotation.fileHashes];
  return {
    identity: labels?.[Label.identity] ?? '',
    image: annotations?.[Annotation.image] ?? '',
    settings: annotations?.[Annotation.settings] ?? '',
    fileHashes: { ...parseStrings(annotations?.[Annotation.fileHashes]), ...parseStrings(takenUp) },
  };
}

/** Contents of the files as they are in the cluster, where a plan must say what changed in them; else of none. */
async function readChangedFiles(
  api: ClusterApi,
  namespace: string,
  { spec }: WorkloadObject,
  hashes: Record<string, string>,
  process: Process | undefined,
): Promise<Record<string, string>> {
  if (!process) return {};
  const wanted = fileHashesOf(process);
  const differs = (path: string) => hashes[path] !== wanted[path];
  if (![...Object.keys(hashes), ...Object.keys(wanted)].some(differs)) return {};
  const secrets = new Map<string, SecretObject>();
  await Promise.all(
    mountedSecrets(spec.template.spec).map(async (name) => {
      const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name };
      const secret = await unlessMissing(readObject<SecretObject>(api, ref));
      if (secret) secrets.set(name, secret);
    }),
  );
  const keys = mountedKeys(spec.template.spec, (name) => Object.keys(secrets.get(name)?.data ?? {}));
  return Object.fromEntries(
    keys
      .filter(({ path }) => differs(path))
      .map(({ secret, key, path }) => [path, decode(secrets.get(secret)?.data?.[key])]),
  );
}

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('utf8');
}
