import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import {
  CoreV1Api,
  Exec,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1Pod,
  type V1Status,
} from '@kubernetes/client-node';
import type Docker from 'dockerode';
import { readMessages } from '../../src/images/engine-stream.ts';
import { unlessMissing } from '../cluster/containers.ts';
import { waitUntil } from './gantry.ts';
import { importTinyImage } from './tiny-image.ts';

/** A namespace of its own on a Kubernetes cluster, with an image that a registry of the cluster has. */
export class Playground {
  readonly core: CoreV1Api;
  private readonly objects: KubernetesObjectApi;
  private readonly shell: Exec;

  private constructor(
    kubeconfig: KubeConfig,
    readonly namespace: string,
    /** Debian's static busybox below tini. */
    readonly image: string,
  ) {
    this.core = kubeconfig.makeApiClient(CoreV1Api);
    this.objects = kubeconfig.makeApiClient(KubernetesObjectApi);
    this.shell = new Exec(kubeconfig);
  }

  static async open(kubeconfig: KubeConfig, docker: Docker, registry: string): Promise<Playground> {
    const namespace = `test-${randomBytes(4).toString('hex')}`;
    const local = `gantry-tiny-image:${namespace}`;
    const [repo, tag] = [`${registry}/gantry-test/tiny`, namespace];
    const image = `${repo}:${tag}`;
    await importTinyImage(docker, local);
    try {
      await docker.getImage(local).tag({ repo, tag });
      const sending = await docker.getImage(image).push({ authconfig: { username: '', password: '' } });
      for await (const { error } of readMessages(sending)) if (error) throw new Error(error);
    } finally {
      for (const name of [image, local]) await unlessMissing(docker.getImage(name).remove());
    }
    const playground = new Playground(kubeconfig, namespace, image);
    await playground.core.createNamespace({ body: { metadata: { name: namespace } } });
    return playground;
  }

  /** Creates an object in the namespace. */
  async create(object: KubernetesObject & Record<string, unknown>): Promise<void> {
    const metadata = { ...object.metadata, namespace: this.namespace };
    await this.objects.create({ ...object, metadata });
  }

  /** Waits until so many pods with this label `app` are ready; resolves to them, by name. */
  async pods(app: string, count: number): Promise<Map<string, V1Pod>> {
    let seen = '';
    return waitUntil(`${count} ready pods of ${app}`, 90_000, async () => {
      const { items } = await this.core.listNamespacedPod({
        namespace: this.namespace,
        labelSelector: `app=${app}`,
      });
      seen = items.map((pod) => `${pod.metadata?.name}: ${JSON.stringify(pod.status)}`).join('\n');
      const ready = items.filter(
        ({ metadata, status }) =>
          !metadata?.deletionTimestamp &&
          status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      return ready.length === count
        ? new Map(ready.map((pod) => [pod.metadata?.name ?? '', pod]))
        : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}:\n${seen}`, { cause: error });
    });
  }

  /** Standard output of a command in a pod's first container, which must succeed within 20 seconds. */
  async exec(pod: string, ...command: string[]): Promise<string> {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    let output = '';
    let errors = '';
    stdout.on('data', (chunk) => {
      output += chunk;
    });
    stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const { promise, resolve, reject } = outcome<V1Status>();
    const timer = setTimeout(() => reject(new Error(`${command.join(' ')} in ${pod} did not end`)), 20_000);
    try {
      const socket = await this.shell.exec(
        this.namespace,
        pod,
        'main',
        command,
        stdout,
        stderr,
        null,
        false,
        resolve,
      );
      socket.on('error', reject);
      const status = await promise;
      if (status.status === 'Success') return output;
      throw new Error(`${command.join(' ')} in ${pod}: ${status.message}\n${errors}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Removes the namespace, where it is still there, and waits until all in it is gone. */
  async close(): Promise<void> {
    await this.core.deleteNamespace({ name: this.namespace }).catch((thrown: { code?: number }) => {
      if (thrown.code !== 404) throw thrown;
    });
    await waitUntil(`namespace ${this.namespace} gone`, 120_000, async () => {
      const { items } = await this.core.listNamespace();
      return items.every(({ metadata }) => metadata?.name !== this.namespace) ? true : undefined;
    });
  }
}

function outcome<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
