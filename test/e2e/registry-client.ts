import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { expect } from 'vitest';
import { ApiClient, readCloudEntry } from './client.ts';
import type { Gantry } from './gantry.ts';

/** Kind of the manifests that it makes, and asks for. */
export const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

export const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** A client of the users' registry by its API: https://distribution.github.io/distribution/spec/api/ */
export class RegistryClient {
  private constructor(
    private readonly origin: string,
    readonly password: string,
    private readonly dispatcher: Agent,
  ) {}

  static async open(gantry: Gantry): Promise<RegistryClient> {
    const { origin } = new URL((await ApiClient.open(gantry)).endpointOf('container-registry'));
    const password = (await gantry.secrets()).find(({ name }) => name === 'registry-password')?.value ?? '';
    const ca = await readFile((await readCloudEntry(gantry)).cacert, 'utf8');
    return new RegistryClient(origin, password, new Agent({ connect: { ca } }));
  }

  /** HOST:PORT, as it stands before the names of images. */
  get host(): string {
    return new URL(this.origin).host;
  }

  /** The same user's, of a registry without TLS. */
  elsewhere(address: string): RegistryClient {
    return new RegistryClient(`http://${address}`, this.password, new Agent());
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }

  /** What its users send with each request. */
  headers(password = this.password): Record<string, string> {
    const authorization = `Basic ${Buffer.from(`gantry:${password}`).toString('base64')}`;
    return { authorization, accept: MANIFEST };
  }

  async ask(
    method: Dispatcher.HttpMethod,
    path: string,
    {
      body,
      headers = {},
      password,
    }: { body?: Buffer; headers?: Record<string, string>; password?: string } = {},
  ) {
    const answer = await request(new URL(path, this.origin), {
      method,
      dispatcher: this.dispatcher,
      headers: { ...this.headers(password), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const content = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, content, header: (name: string) => String(answer.headers[name]) };
  }

  /** Begins an upload; resolves to where its parts go. */
  async begin(name: string): Promise<string> {
    const { status, header } = await this.ask('POST', `/v2/${name}/blobs/uploads/`);
    expect(status).toBe(202);
    return header('location');
  }

  /** Uploads a layer in one part; resolves to its digest. */
  async upload(name: string, content: Buffer): Promise<string> {
    const digest = sha256(content);
    const location = await this.begin(name);
    const end = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
    expect((await this.ask('PUT', end, { body: content })).status).toBe(201);
    return digest;
  }

  /** Makes an image of one layer; resolves to the digest of its manifest. */
  async makeImage(name: string, tag: string, layer: Buffer): Promise<string> {
    const config = Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }),
    );
    const blob = async (mediaType: string, content: Buffer) => ({
      mediaType,
      size: content.length,
      digest: await this.upload(name, content),
    });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: await blob('application/vnd.docker.container.image.v1+json', config),
        layers: [await blob('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
      }),
    );
    const { status } = await this.ask('PUT', `/v2/${name}/manifests/${tag}`, {
      body: manifest,
      headers: { 'content-type': MANIFEST },
    });
    expect(status).toBe(201);
    return sha256(manifest);
  }
}
