import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { runCommand } from '../../engines/docker/command.ts';
import { putFiles } from '../../engines/docker/files.ts';
import { loadImageGraph } from '../../src/images/graph.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../contract/cloud.ts';
import { waitUntil } from './gantry.ts';

/** Resolvers refuse to ask for names that end in .test. */
const DOMAIN = 'members.gantry.local';
const LIMIT_MS = 120_000;

/**
 * The instances of one process that forms a cluster, as an engine with a place for each would run them: containers of
 * their own on a network of their own, with the names, files and volumes that the catalogue counts on.
 */
export class Members {
  readonly #docker: Docker;
  readonly #process: string;
  readonly #prefix: string;

  constructor(docker: Docker, process: string) {
    this.#docker = docker;
    this.#process = process;
    this.#prefix = `gantry-members-${globalThis.process.pid}-${process}`;
  }

  async open(): Promise<void> {
    await this.#docker.createNetwork({ Name: this.#prefix });
  }

  /** Removes all that was made, whatever became of it. */
  async close(): Promise<void> {
    const filters = { name: [this.#prefix] };
    for (const { Id } of await this.#docker.listContainers({ all: true, filters })) {
      await this.#docker.getContainer(Id).remove({ force: true, v: true });
    }
    const { Volumes: volumes } = await this.#docker.listVolumes({ filters });
    for (const { Name } of volumes) await this.#docker.getVolume(Name).remove();
    for (const { Id } of await this.#docker.listNetworks({ filters }))
      await this.#docker.getNetwork(Id).remove();
  }

  /** Makes the containers anew, on the volumes that they had: as many as there shall be. */
  async scale(count: number): Promise<void> {
    const filters = { name: [this.#prefix] };
    for (const { Id } of await this.#docker.listContainers({ all: true, filters })) {
      await this.#docker
        .getContainer(Id)
        .stop({ t: 30 })
        .catch(() => {});
      await this.#docker.getContainer(Id).remove({ force: true, v: true });
    }
    const process = await this.#render(count);
    const reference = (await loadImageGraph(projectRoot())).images.find(
      ({ name }) => name === process.image,
    )?.reference;
    for (let ordinal = 0; ordinal < count; ordinal++)
      await this.#create(process, ordinal, reference as string);
    for (let ordinal = 0; ordinal < count; ordinal++) await this.start(ordinal);
  }

  async start(...ordinals: number[]): Promise<void> {
    for (const ordinal of ordinals) await this.#container(ordinal).start();
  }

  async kill(...ordinals: number[]): Promise<void> {
    await Promise.all(ordinals.map((ordinal) => this.#container(ordinal).kill()));
  }

  async cutOff(ordinal: number): Promise<void> {
    await this.#docker.getNetwork(this.#prefix).disconnect({ Container: this.#name(ordinal), Force: true });
  }

  async connect(ordinal: number): Promise<void> {
    await this.#docker
      .getNetwork(this.#prefix)
      .connect({ Container: this.#name(ordinal), EndpointConfig: { Aliases: [this.#host(ordinal)] } });
  }

  /** Runs a command in an instance; resolves to its code and output. */
  async run(ordinal: number, ...command: string[]): Promise<{ code: number; output: string }> {
    const stream = new PassThrough();
    const output = text(stream);
    const code = await runCommand(this.#container(ordinal), command, { stdout: stream, stderr: stream });
    stream.end();
    return { code, output: (await output).trim() };
  }

  /** What the health check of an instance says; empty where it is healthy. */
  async complaint(ordinal: number): Promise<string> {
    const { health } = await this.#render(1);
    const { code, output } = await this.run(ordinal, ...health.command).catch((error: Error) => ({
      code: 1,
      output: error.message,
    }));
    return code === 0 ? '' : output || 'unhealthy';
  }

  async healthy(...ordinals: number[]): Promise<void> {
    let last: string[] = [];
    await waitUntil(`${this.#process} ${ordinals.join()} healthy`, LIMIT_MS, async () => {
      last = await Promise.all(ordinals.map((ordinal) => this.complaint(ordinal)));
      return last.every((one) => one === '') || undefined;
    }).catch((cause: Error) => {
      throw new Error(`${cause.message}: ${last.join('; ')}`, { cause });
    });
  }

  /** Waits until the health check of an instance says this. */
  async says(ordinal: number, words: string): Promise<void> {
    await waitUntil(
      `${this.#process}-${ordinal}: ${words}`,
      LIMIT_MS,
      async () => (await this.complaint(ordinal)).includes(words) || undefined,
    );
  }

  async #render(count: number): Promise<Process> {
    const { desired } = renderCloud(await loadCatalogue(projectRoot()), {
      config: { replicas: { [this.#process]: count } },
      facts: { instanceDomain: `.${DOMAIN}` },
      secret: (name) => name.replaceAll(/[^a-z0-9]/g, ''),
    });
    return desired.processes.find(({ name }) => name === this.#process) as Process;
  }

  async #create(process: Process, ordinal: number, image: string): Promise<void> {
    const [uid] = process.user.split(':');
    const container = await this.#docker.createContainer({
      name: this.#name(ordinal),
      Image: image,
      Cmd: process.command,
      User: process.user,
      Hostname: `${process.name}-${ordinal}`,
      HostConfig: {
        ReadonlyRootfs: true,
        Tmpfs: Object.fromEntries(process.tmpfs.map((path) => [path, `uid=${uid},gid=${uid}`])),
        NetworkMode: this.#prefix,
        // As an orchestrator does, which starts again whatever gives up.
        RestartPolicy: { Name: 'on-failure' },
        Mounts: [
          { Type: 'volume', Source: '', Target: CONFIG_DIR },
          ...process.volumes.map(({ path }) => ({
            Type: 'volume' as const,
            Source: this.#name(ordinal),
            Target: path,
          })),
        ],
      },
      NetworkingConfig: { EndpointsConfig: { [this.#prefix]: { Aliases: [this.#host(ordinal)] } } },
    });
    await putFiles(container, process.files);
  }

  #container(ordinal: number): Docker.Container {
    return this.#docker.getContainer(this.#name(ordinal));
  }

  #name(ordinal: number): string {
    return `${this.#prefix}-${ordinal}`;
  }

  #host(ordinal: number): string {
    return `${this.#process}-${ordinal}.${DOMAIN}`;
  }
}
