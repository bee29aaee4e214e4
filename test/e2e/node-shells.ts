import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterApi } from '../../engines/kubernetes/api/client.ts';
import { unlessMissing } from '../../engines/kubernetes/api/failure.ts';
import type { V1SecurityContext } from '../../engines/kubernetes/api/library.ts';
import type { Node, Pod } from '../../engines/kubernetes/api/objects.ts';
import { imageToStartFrom, runtimeOf } from '../../engines/kubernetes/nodes/seeds.ts';
import { readObject } from '../../engines/kubernetes/observe/live.ts';
import { runCommand } from '../../engines/kubernetes/pods/command.ts';
import { loadScript, NODE_ROOT, renderSeedPod } from '../../engines/kubernetes/render/seed.ts';
import { deleteObject } from '../../engines/kubernetes/steps/remove.ts';
import { timeLimit } from '../../src/time-limit.ts';
import { waitUntil } from './gantry.ts';

const START_LIMIT = 90_000;
const COMMAND_LIMIT = 120_000;

/**
 * Commands on the nodes of any cluster, by the node's own programs and on its own network: in pods that start from any
 * image that the node has, as those do that give nodes the registry's image. Pods and namespace are removed again.
 */
export class NodeShells {
  private readonly namespace = `gantry-e2e-nodes-${process.pid}`;
  private made: Promise<void> | undefined;

  constructor(private readonly api: ClusterApi) {}

  /** Standard output and error of a command. */
  async run(node: string, ...command: string[]): Promise<string> {
    return this.exec(node, command);
  }

  /** The same with all privileges, for what makes devices. */
  async runPrivileged(node: string, ...command: string[]): Promise<string> {
    return this.exec(node, command, { privileged: true });
  }

  /** Loads an image from a compressed archive into the node's container runtime. */
  async load(node: string, archive: Buffer): Promise<void> {
    const runtime = runtimeOf(await this.node(node)) ?? '';
    await this.exec(node, ['/bin/sh', '-c', loadScript, 'sh', runtime], {
      stdin: Readable.from([archive]),
    });
  }

  async close(): Promise<void> {
    if (!this.made) return;
    const path = `/api/v1/namespaces/${this.namespace}`;
    await unlessMissing(this.api.request('DELETE', path));
    await waitUntil(`${this.namespace} gone`, START_LIMIT, async () =>
      (await unlessMissing(this.api.request('GET', path))) === undefined ? true : undefined,
    );
  }

  private node(name: string): Promise<Node> {
    return this.api.request<Node>('GET', `/api/v1/nodes/${name}`);
  }

  private async exec(
    name: string,
    command: string[],
    { stdin, privileged = false }: { stdin?: Readable; privileged?: boolean } = {},
  ): Promise<string> {
    this.made ??= this.make();
    await this.made;
    const node = await this.node(name);
    const image = imageToStartFrom(node);
    if (image === undefined) throw new Error(`${name} has no image to start a pod from`);
    const architecture = node.status.nodeInfo?.architecture ?? '';
    const { ref, manifest } = renderSeedPod({
      cloud: 'e2e',
      namespace: this.namespace,
      node: name,
      image,
      architecture,
    });
    const pod = manifest as Pod;
    pod.spec.hostNetwork = true;
    if (privileged) {
      const securityContext: V1SecurityContext = { runAsUser: 0, privileged };
      for (const container of pod.spec.containers) Object.assign(container, { securityContext });
    }
    try {
      await this.api.request('POST', `/api/v1/namespaces/${this.namespace}/pods`, { body: pod });
      const running = await waitUntil(`a pod on ${name}`, START_LIMIT, async () => {
        const found = await readObject<Pod>(this.api, ref);
        return found.status.phase === 'Running' ? found : undefined;
      });
      let output = '';
      const sink = () =>
        new Writable({
          write(chunk: Buffer, _encoding, done) {
            output += chunk.toString('latin1');
            done();
          },
        });
      const exitCode = await runCommand(this.api, running, ['chroot', NODE_ROOT, ...command], {
        ...(stdin ? { stdin } : {}),
        stdout: sink(),
        stderr: sink(),
        signal: timeLimit(COMMAND_LIMIT),
      });
      if (exitCode !== 0)
        throw new Error(`${command.join(' ')} on ${name} ended with ${exitCode}: ${output}`);
      return output;
    } finally {
      await deleteObject(this.api, ref, 'Background', timeLimit(START_LIMIT));
      while (await unlessMissing(readObject<Pod>(this.api, ref))) await sleep(200);
    }
  }

  private async make(): Promise<void> {
    const labels = {
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/warn': 'privileged',
    };
    const path = '/api/v1/namespaces';
    await this.api.request('POST', path, { body: { metadata: { name: this.namespace, labels } } });
    const account = { metadata: { name: 'gantry' }, automountServiceAccountToken: false };
    await this.api.request('POST', `${path}/${this.namespace}/serviceaccounts`, { body: account });
  }
}
