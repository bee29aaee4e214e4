import { Readable } from 'node:stream';
import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError, messageOf } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { DesiredImage } from '../../../src/model/desired.ts';
import { excerpt } from '../../../src/model/strings.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, unlessMissing } from '../api/failure.ts';
import type { Node, Pod } from '../api/objects.ts';
import { type CloudScope, listPodsOf, readObject } from '../observe/live.ts';
import { readNodes } from '../observe/nodes.ts';
import type { ObjectRef } from '../plan/bundle.ts';
import { seedImageOf } from '../plan/images.ts';
import { captureCommand } from '../pods/command.ts';
import { isRunning } from '../pods/find.ts';
import { loadScript, NODE_ROOT, renderSeedPod } from '../render/seed.ts';
import { applyOne } from '../steps/apply.ts';
import { deleteObject, waitUntilGone } from '../steps/remove.ts';
import type { RunContext } from '../steps/run-context.ts';
import { describePod } from '../waiters/pod.ts';
import { hasImage, howToSeed, imageToStartFrom, runtimeOf } from './seeds.ts';

/** Longest time until the pod runs, and until it is gone, in seconds. Nothing is pulled for it. */
const LIMIT = 90;
/** Longest time for sending and loading the image, in seconds. */
const LOAD_LIMIT = 600;
const PAUSE = 400;

export interface SeedInput {
  scope: Pick<CloudScope, 'cloud' | 'namespace'>;
  node: string;
  image: DesiredImage;
  /** An archive of the image under the name that nodes know it by, compressed. */
  archive(): Promise<Buffer>;
}

/**
 * Loads an image into a node's container runtime from this machine, through the API server and a pod that is removed
 * again. Throws `node.not-seeded` where the node cannot do that, with what to do on it instead.
 */
export async function seedNode(
  api: ClusterApi,
  clock: Clock,
  input: SeedInput,
  context: StepContext,
): Promise<void> {
  const { scope, node: name } = input;
  const { signal } = context;
  const node = await api.request<Node>('GET', `/api/v1/nodes/${encodeURIComponent(name)}`, { signal });
  const image = imageToStartFrom(node);
  if (image === undefined) throw notSeeded(node, input.image, 'It has no image to start a pod from.');
  const architecture = node.status.nodeInfo?.architecture ?? '';
  const pod = renderSeedPod({ ...scope, node: name, image, architecture });
  try {
    await deleteObject(api, pod.ref, 'Background', signal);
    await waitUntilGone(api, clock, [pod.ref], LIMIT, context);
    await applyOne(api, pod, { force: true, signal });
    const running = await waitUntilRunning(api, clock, { node, ref: pod.ref, image: input.image }, context);
    await load(api, running, node, input, context);
  } catch (thrown) {
    throw clusterFailure(`${name} could not be given the image ${input.image.name}`, thrown);
  } finally {
    await deleteObject(api, pod.ref, 'Background', new AbortController().signal).catch(() => undefined);
  }
}

/**
 * Gives a node the image of the registry before it gets a role and with it pods, where the cloud has such a registry and
 * it runs: the first `up` gives it to all nodes.
 */
export async function prepareNode(
  run: Pick<RunContext, 'api' | 'scope' | 'desired' | 'saveImage' | 'options'>,
  name: string,
  imagePrefix: string,
  context: StepContext,
): Promise<void> {
  const { api, scope, desired, options } = run;
  const image = seedImageOf(desired);
  if (!image) return;
  const { process = '', mirror = '' } = desired.registry ?? {};
  const [nodes, pods] = await Promise.all([readNodes(api), listPodsOf(api, scope, [process, mirror])]);
  const node = nodes.find(({ metadata }) => metadata.name === name);
  if (!node || pods.length === 0 || hasImage(node, `${imagePrefix}${image.reference}`, pods)) return;
  const archive = () => run.saveImage(image);
  await seedNode(api, options.clock, { scope, node: name, image, archive }, context);
}

async function waitUntilRunning(
  api: ClusterApi,
  clock: Clock,
  { node, ref, image }: { node: Node; ref: ObjectRef; image: DesiredImage },
  context: StepContext,
): Promise<Pod> {
  const deadline = clock.now() + LIMIT * 1000;
  for (;;) {
    const pod = await unlessMissing(readObject<Pod>(api, ref, context.signal));
    if (pod && isRunning(pod)) return pod;
    const words = pod && describePod(pod, { now: clock.now() });
    const ended = pod?.status.containerStatuses?.[0]?.state.terminated?.message;
    if (pod?.status.phase === 'Failed' || words?.hopeless || clock.now() >= deadline) {
      throw notSeeded(node, image, `A pod with its own programs ${ended ?? words?.text ?? 'did not start'}.`);
    }
    context.waiting(`a pod on ${node.metadata.name} that takes the image`);
    await clock.sleep(PAUSE, context.signal);
  }
}

async function load(
  api: ClusterApi,
  pod: Pod,
  node: Node,
  { image, archive }: SeedInput,
  context: StepContext,
): Promise<void> {
  context.waiting(`the image ${image.name} to be read from this machine's Docker Engine`);
  const content = await archive();
  const command = ['chroot', NODE_ROOT, '/bin/sh', '-c', loadScript, 'sh', runtimeOf(node) ?? ''];
  const limit = timeLimit(LOAD_LIMIT * 1000);
  const signal = AbortSignal.any([context.signal, limit]);
  const stdin = Readable.from(
    pieces(content, (done) => context.progress(done, content.length, 'bytes', 'sent')),
    {
      objectMode: false,
    },
  );
  const result = await captureCommand(api, pod, command, { stdin, signal }).catch((thrown) => {
    context.signal.throwIfAborted();
    return { exitCode: -1, output: limit.aborted ? `not loaded within ${LOAD_LIMIT} s` : messageOf(thrown) };
  });
  if (result.exitCode !== 0) throw notSeeded(node, image, excerpt(result.output, 10));
}

function* pieces(content: Buffer, onPiece: (done: number) => void): Generator<Buffer> {
  const size = 1_048_576;
  for (let start = 0; start < content.length; start += size) {
    onPiece(start);
    yield content.subarray(start, start + size);
  }
  onPiece(content.length);
}

function notSeeded(node: Node, image: DesiredImage, why: string): GantryError {
  return new GantryError({
    code: 'node.not-seeded',
    whose: 'environment',
    message: `${node.metadata.name} could not be given the image ${image.name} from here`,
    why,
    next: howToSeed(node),
  });
}
