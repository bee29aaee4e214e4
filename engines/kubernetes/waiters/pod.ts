import type { ContainerStatus, EventObject, Node, Pod } from '../api/objects.ts';
import { conditionOf } from '../api/objects.ts';
import { isLost } from '../observe/facts.ts';
import { describeImageProblem } from './image.ts';
import { describeScheduling } from './scheduling.ts';
import type { PodWords } from './words.ts';

/** What is known of the cluster around a pod. */
export interface ClusterView {
  /** Of this pod, or of all. */
  events?: readonly EventObject[];
  /** The node of this pod, or all; without them nobody can tell that it is lost. */
  nodes?: readonly Node[];
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Restarts after which a container counts as broken rather than as waiting for something: with the kubelet's pauses,
 * which double from 10 s on, that is after a little more than a minute.
 */
const MAX_RESTARTS = 4;

/** Events by what they are about, kept as long as the list that they are from: it is looked at once for each pod. */
const indexes = new WeakMap<readonly EventObject[], Map<string, EventObject[]>>();

/** The events of a pod and of the claims it mounts. */
function eventsOf({ metadata, spec }: Pod, events: readonly EventObject[]): EventObject[] {
  const index = indexes.get(events) ?? indexEvents(events);
  const claims = (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim ?? []);
  return [metadata.uid, ...claims.map(({ claimName }) => claimKey(claimName))].flatMap(
    (key) => index.get(key ?? '') ?? [],
  );
}

function indexEvents(events: readonly EventObject[]): Map<string, EventObject[]> {
  const index = new Map<string, EventObject[]>();
  for (const event of events) {
    const { kind, name, uid } = event.involvedObject;
    const key = kind === 'PersistentVolumeClaim' ? claimKey(name) : (uid ?? '');
    const found = index.get(key);
    if (found) found.push(event);
    else index.set(key, [event]);
  }
  indexes.set(events, index);
  return index;
}

/** A pod names its claims only; no uid has a slash. */
function claimKey(name = ''): string {
  return `PersistentVolumeClaim/${name}`;
}

/** Undefined for a pod that is ready. */
export function describePod(
  pod: Pod,
  { events: all = [], nodes = [], now }: ClusterView,
): PodWords | undefined {
  if (isPodReady(pod)) return undefined;
  const node = nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
  if (node && isLost(node)) {
    return { ...waiting(`its node ${node.metadata.name} does not answer`), lost: true };
  }
  if (pod.metadata.deletionTimestamp) return waiting('is being stopped');
  if (pod.status.phase === 'Failed') {
    const reason = pod.status.message ?? pod.status.reason ?? describeExit(pod);
    return waiting(`failed: ${reason}`);
  }
  if (pod.status.phase === 'Succeeded') return waiting('ended');
  const events = eventsOf(pod, all);
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False') {
    const binding = lastEvent(events, ['FailedBinding', 'ProvisioningFailed']);
    // It is said again every quarter of a minute: an older one is of an earlier claim of this name.
    const recent = binding && now - Date.parse(timeOf(binding)) < 60_000;
    return describeScheduling(scheduled, now, recent ? binding.message : undefined);
  }
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  for (const status of statuses) {
    const words = describeContainer(status, events);
    if (words) return words;
  }
  const preparing = runningInit(pod);
  if (preparing) return waiting(describePreparation(preparing, now));
  const started = statuses.find(({ state }) => state.running);
  if (started) return waiting(`${describeProbe(events)}${describeRestarts(started)}`);
  return waiting(describeCreation(pod, events));
}

/** The container that prepares the others' start, while it runs. */
export function runningInit({ status }: Pod): ContainerStatus | undefined {
  return status.initContainerStatuses?.find(({ state }) => state.running);
}

function describePreparation({ name, state }: ContainerStatus, now: number): string {
  const seconds = Math.round((now - Date.parse(state.running?.startedAt ?? '')) / 1000);
  return `is being prepared by ${name}${seconds >= 0 ? `, ${seconds} s so far` : ''}`;
}

function describeRestarts({ restartCount, lastState }: ContainerStatus): string {
  if (restartCount === 0) return '';
  const code = lastState?.terminated?.exitCode;
  return ` (restarted ${times(restartCount)}${code === undefined ? '' : `, after exit code ${code}`})`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

export function isPodReady(pod: Pod): boolean {
  return !pod.metadata.deletionTimestamp && conditionOf(pod, 'Ready')?.status === 'True';
}

function describeContainer(status: ContainerStatus, events: readonly EventObject[]): PodWords | undefined {
  const { waiting: wait, terminated } = status.state;
  if (wait?.reason === 'ErrImagePull' || wait?.reason === 'ImagePullBackOff' || isImageError(wait?.reason)) {
    const pull = lastEvent(events, ['Failed', 'ErrImageNeverPull', 'InspectFailed'], /image/i)?.message;
    const words = describeImageProblem(status.image, wait?.reason ?? '', [wait?.message, pull]);
    return { ...words, crashed: false, unpulled: status.image };
  }
  if (wait?.reason === 'CrashLoopBackOff' || (terminated && terminated.exitCode !== 0)) {
    const last = terminated ?? status.lastState?.terminated;
    const memory = last?.reason === 'OOMKilled' ? ', out of memory' : '';
    const count = status.restartCount;
    const text = `exited${last ? ` with code ${last.exitCode}${memory}` : ''}${count > 0 ? `, restarted ${times(count)}` : ''}`;
    return { text, hopeless: count >= MAX_RESTARTS, crashed: true };
  }
  if (wait?.reason && !['ContainerCreating', 'PodInitializing'].includes(wait.reason)) {
    return waiting(`${wait.reason}${wait.message ? `: ${shorten(wait.message)}` : ''}`);
  }
  return undefined;
}

function isImageError(reason: string | undefined): boolean {
  return (
    reason !== undefined && ['InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError'].includes(reason)
  );
}

/** What the kubelet does before a container runs: only its events say. */
function describeCreation(pod: Pod, events: readonly EventObject[]): string {
  const problem = lastEvent(events, [
    'FailedMount',
    'FailedAttachVolume',
    'FailedCreatePodSandBox',
    'Failed',
  ]);
  if (problem?.message) return shorten(problem.message);
  const pulling = lastEvent(events, ['Pulling', 'Pulled']);
  if (pulling?.reason === 'Pulling') return `pulling its image on ${pod.spec.nodeName}`;
  return `is being started on ${pod.spec.nodeName}`;
}

/** The output of the last probe that failed; the kubelet writes it into an event and nowhere else. */
function describeProbe(events: readonly EventObject[]): string {
  const message = lastEvent(events, ['Unhealthy'])?.message;
  const output =
    /^(?:Startup|Readiness|Liveness) probe (?:failed|errored(?: and resulted in \w+ state)?): ?(.*)$/s.exec(
      message ?? '',
    )?.[1];
  const line = output?.trim().split('\n').at(-1);
  if (line) return describeAnswer(line) ?? shorten(line);
  return output === undefined
    ? 'has started, and is not healthy yet'
    : 'has started; its health check fails without a word';
}

/** What the kubelet itself says of a port that it asks, such as `Get "http://10.0.0.1:80/": dial tcp ...`. */
function describeAnswer(line: string): string | undefined {
  const status = /^HTTP probe failed with statuscode: (\d+)/.exec(line)?.[1];
  if (status) return `answers with HTTP ${status}`;
  const port = /^(?:Get "https?:\/\/[^/"]*:|dial tcp [^ ]*:)(\d+)/.exec(line)?.[1];
  if (!port) return undefined;
  if (/connection refused/.test(line)) return `does not listen on port ${port} yet`;
  return /deadline exceeded|timeout/i.test(line) ? `does not answer on port ${port} in time` : undefined;
}

function describeExit(pod: Pod): string {
  const ended = pod.status.containerStatuses?.find(({ state }) => state.terminated)?.state.terminated;
  return ended ? `exit code ${ended.exitCode}` : 'for a reason that the cluster does not tell';
}

function lastEvent(
  events: readonly EventObject[],
  reasons: readonly string[],
  message?: RegExp,
): EventObject | undefined {
  return events
    .filter(
      (event) => reasons.includes(event.reason ?? '') && (!message || message.test(event.message ?? '')),
    )
    .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    .at(-1);
}

function timeOf({ lastTimestamp, eventTime, metadata }: EventObject): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
}

function waiting(text: string): PodWords {
  return { text, hopeless: false, crashed: false };
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
