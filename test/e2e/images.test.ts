import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDockerClient } from '../../engines/docker/client.ts';
import { GantryError } from '../../src/errors.ts';
import { type BuildOptions, buildImage } from '../../src/images/build.ts';
import { type ImageReport, testImage } from '../../src/images/check.ts';
import { cleanImages } from '../../src/images/clean.ts';
import { findImage, loadImageGraph } from '../../src/images/graph.ts';
import { type Image, imageLabels, versionReference } from '../../src/images/image.ts';
import { listImages } from '../../src/images/list.ts';
import { pushImages } from '../../src/images/push.ts';
import { buildImages } from '../../src/images/queue.ts';
import { nthAddress } from '../../src/model/cidr.ts';
import { projectRoot } from '../../src/root.ts';
import { timeLimit } from '../../src/time-limit.ts';
import { openForwardProxy } from './forward-proxy.ts';

const version = `e2e-${process.pid}`;

/** Images on gantry/base that each break one promise, by what the test has to notice. */
const broken = {
  'nothing writable for everyone': 'RUN mkdir -m 777 /srv/open',
  'no set-uid program but sudo': 'RUN cp /bin/true /usr/bin/raise && chmod 4755 /usr/bin/raise',
  'no private key': "RUN printf -- '-----BEGIN RSA PRIVATE KEY-----\\n' > /etc/key.pem",
  'no password': "RUN printf '[database]\\npassword = hunter2\\n' > /etc/service.conf",
  'no file known to be secret': 'RUN mkdir /var/lib/broker && echo cookie > /var/lib/broker/.erlang.cookie',
  'no secret in its environment': 'ENV DB_PASSWORD=hunter2',
  'tini is the first process': 'ENTRYPOINT []',
  'runs as memcache': 'RUN usermod -l other memcache',
} as const;

let root: string;
let docker: Docker;
let options: BuildOptions;

async function addImage(name: string, dockerfile: string, programs = '[[tini, --version]]'): Promise<void> {
  const folder = join(root, 'catalogue', name, 'images', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Dockerfile'), dockerfile);
  await writeFile(join(folder, 'image.yaml'), `summary: ${name}\nuser: memcache\nprograms: ${programs}\n`);
}

async function buildAndTest(name: string): Promise<ImageReport> {
  const graph = await loadImageGraph(root);
  await buildImage(docker, findImage(graph, name), options);
  return testImage(docker, findImage(graph, name));
}

const failures = (report: ImageReport) =>
  report.checks.filter((check) => !check.passed).map((check) => check.name);

beforeAll(async () => {
  ({ docker } = await createDockerClient(process.env));
  root = await mkdtemp(join(tmpdir(), 'gantry-images-'));
  options = { version, logDirectory: join(root, 'logs'), environment: process.env };
  const base = 'catalogue/base/images/base';
  await mkdir(dirname(join(root, base)), { recursive: true });
  await cp(join(projectRoot(), base), join(root, base), { recursive: true });
  await buildImage(docker, findImage(await loadImageGraph(root), 'base'), options);
});

afterAll(async () => {
  await cleanImages(docker, version);
  await rm(root, { recursive: true });
});

describe('images test', () => {
  it('passes an image that is in order and shows its versions', async () => {
    await addImage('sound', 'FROM gantry/base\nRUN echo sound > /etc/sound\n');
    const report = await buildAndTest('sound');
    expect(failures(report)).toEqual([]);
    expect(report.checks.find((check) => check.name === 'tini --version')?.detail).toContain('tini version');
  });

  it.each(Object.entries(broken))('notices that it does not hold: %s', async (promise, instruction) => {
    const name = `broken-${Object.keys(broken).indexOf(promise)}`;
    await addImage(name, `FROM gantry/base\n${instruction}\n`);
    expect(failures(await buildAndTest(name))).toEqual([promise]);
  });

  it('notices a program that does not start, and says what it printed', async () => {
    await addImage(
      'lame',
      'FROM gantry/base\n',
      '[[sh, -c, echo no such library; exit 3], [absent, --version]]',
    );
    const report = await buildAndTest('lame');
    expect(report.passed).toBe(false);
    const [shell, absent] = report.checks.filter((check) => !check.passed);
    expect(shell?.detail).toBe('exit code 3: no such library');
    expect(absent?.detail).toContain('exit code 127');
  });

  it('says so where the image is not built', async () => {
    await addImage('unbuilt', 'FROM gantry/base\nRUN false\n');
    const image = findImage(await loadImageGraph(root), 'unbuilt');
    await expect(testImage(docker, image)).rejects.toMatchObject({ code: 'image.not-built' });
  });
});

describe('images build', () => {
  it('skips what is unchanged, and only tags it for another version', async () => {
    await addImage('kept', 'FROM gantry/base\nRUN echo kept > /etc/kept\n');
    const image = findImage(await loadImageGraph(root), 'kept');
    const first = await buildImage(docker, image, options);
    const second = await buildImage(docker, image, { ...options, version: `${version}-b` });
    expect([first.status, second.status]).toEqual(['built', 'unchanged']);
    expect(second.id).toBe(first.id);
    expect((await docker.getImage(versionReference('kept', `${version}-b`)).inspect()).Id).toBe(first.id);
    await docker.getImage(versionReference('kept', `${version}-b`)).remove();
  });

  it('labels an image with its inputs, its base and its packages', async () => {
    const graph = await loadImageGraph(root);
    await addImage('labelled', 'FROM gantry/base\n');
    const image = findImage(await loadImageGraph(root), 'labelled');
    await buildImage(docker, image, options);
    const { Labels: labels } = (await docker.getImage(image.reference).inspect()).Config;
    const base = findImage(graph, 'base');
    expect(labels).toMatchObject({
      [imageLabels.title]: 'labelled',
      [imageLabels.version]: version,
      [imageLabels.hash]: image.hash,
      [imageLabels.baseName]: base.reference,
      [imageLabels.baseDigest]: (await docker.getImage(base.reference).inspect()).Id,
    });
    expect(labels[imageLabels.packages]).toMatch(/(^|,)tini=/);
  });

  it('keeps modes of files, and proxies out of the history', async () => {
    await addImage('copied', 'FROM gantry/base\nCOPY run /run-it\nRUN env | grep -q ^http_proxy=\n');
    const script = join(root, 'catalogue/copied/images/copied/run');
    await writeFile(script, '#!/bin/sh\necho ran\n');
    await chmod(script, 0o755);
    const image = findImage(await loadImageGraph(root), 'copied');
    const proxies = { http: 'http://user:hunter2@proxy.invalid:3128' };
    await buildImage(docker, image, { ...options, proxies });
    const history = await docker.getImage(image.reference).history();
    expect(JSON.stringify(history)).not.toContain('hunter2');
    const config = (await docker.getImage(image.reference).inspect()).Config;
    expect(JSON.stringify(config)).not.toContain('proxy');
  });

  it('reaches the archive where only a proxy does', async () => {
    const { IPAM: addresses } = await docker.getNetwork('bridge').inspect();
    // An engine that has made this network itself tells its gateway from its next start on.
    const { Subnet = '', Gateway: gateway = nthAddress(Subnet, 1) } = addresses?.Config?.[0] ?? {};
    const proxy = await openForwardProxy(gateway, 'archive.invalid', 'deb.debian.org');
    try {
      await addImage('proxied', 'FROM gantry/base\nARG DEBIAN_MIRROR\nRUN install-packages hello\n');
      const image = findImage(await loadImageGraph(root), 'proxied');
      const proxies = { http: proxy.url };
      await buildImage(docker, image, { ...options, proxies, mirror: 'http://archive.invalid/debian' });
      expect(proxy.asked.some((url) => /^http:\/\/archive\.invalid\/.*\/hello_.*\.deb$/.test(url))).toBe(
        true,
      );
      const { Labels: labels } = (await docker.getImage(image.reference).inspect()).Config;
      expect(labels[imageLabels.packages]).toMatch(/(^|,)hello=/);
    } finally {
      await proxy.close();
    }
  });

  it('fails with the last lines of the log and leaves out what is built on it', async () => {
    await addImage('failing', 'FROM gantry/base\nRUN echo the disk is on fire && exit 7\n');
    await addImage('after', 'FROM gantry/failing\n');
    await addImage('beside', 'FROM gantry/base\n');
    const graph = await loadImageGraph(root);
    const names = ['after', 'beside'];
    const outcomes = await buildImages(docker, graph, {
      ...options,
      names,
      jobs: 2,
      now: () => performance.now(),
      observer: {},
    });
    expect(outcomes.get('after')).toEqual({ status: 'skipped', because: 'failing failed' });
    expect(outcomes.get('beside')?.status).toBe('built');
    const outcome = outcomes.get('failing');
    if (outcome?.status !== 'failed' || !(outcome.error instanceof GantryError))
      throw new Error('did not fail');
    expect(outcome.error).toMatchObject({ code: 'image.build-failed' });
    expect(outcome.error.why).toContain('the disk is on fire');
    const log = /The whole log is in (\S+)/.exec(outcome.error.next ?? '')?.[1] ?? '';
    expect(await readFile(log, 'utf8')).toContain('the disk is on fire');
  });

  it('stops at once when interrupted', async () => {
    await addImage('slow', 'FROM gantry/base\nRUN echo begun && sleep 60\n');
    const image = findImage(await loadImageGraph(root), 'slow');
    const controller = new AbortController();
    const onLine = (line: string) => {
      if (line === 'begun') controller.abort();
    };
    const start = performance.now();
    await expect(
      buildImage(docker, image, { ...options, signal: controller.signal, onLine }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

describe('a registry', () => {
  let container: Docker.Container | undefined;
  let registry: string;
  let pushed: Image;

  beforeAll(async () => {
    await addImage(
      'registry',
      'FROM gantry/base\nARG DEBIAN_MIRROR\nRUN install-packages docker-registry && sed -i /^auth:/,/htpasswd$/d /etc/docker/registry/config.yml\nCMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]\n',
    );
    await addImage('pushed', 'FROM gantry/base\nRUN echo pushed > /etc/pushed\n');
    const graph = await loadImageGraph(root);
    await buildImage(docker, findImage(graph, 'registry'), options);
    pushed = findImage(graph, 'pushed');
    await buildImage(docker, pushed, options);
    container = await docker.createContainer({
      Image: findImage(graph, 'registry').reference,
      HostConfig: { PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1' }] } },
      ExposedPorts: { '5000/tcp': {} },
    });
    await container.start();
    const { Ports: ports } = (await container.inspect()).NetworkSettings;
    registry = `127.0.0.1:${ports['5000/tcp']?.[0]?.HostPort}`;
    // The engine's proxy takes connections before the registry listens, and lets them hang.
    const ask = async () => {
      const answer = await fetch(`http://${registry}/v2/`, { signal: timeLimit(500) });
      expect(answer.ok).toBe(true);
    };
    await vi.waitFor(ask, { timeout: 15_000 });
  });

  afterAll(() => container?.remove({ force: true, v: true }));

  /** Names on the engine that are the registry's. */
  const namesOfRegistry = async () =>
    (await docker.listImages())
      .flatMap(({ RepoTags: tags }) => tags ?? [])
      .filter((tag) => tag.startsWith(registry));

  it('takes images with hash and version, and nothing twice', async () => {
    const sent: number[] = [];
    const push = () =>
      pushImages(docker, [pushed], { registry, version, onProgress: (_, done) => sent.push(done) });
    expect(await push()).toEqual([
      `${registry}/gantry/pushed:${pushed.hash}`,
      `${registry}/gantry/pushed:${version}`,
    ]);
    expect(Math.max(...sent)).toBeGreaterThan(0);
    sent.length = 0;
    await push();
    expect(sent).toEqual([]);

    const answer = await fetch(`http://${registry}/v2/gantry/pushed/tags/list`);
    const { tags } = (await answer.json()) as { tags: string[] };
    expect(tags.sort()).toEqual([pushed.hash, version].sort());
    expect(await namesOfRegistry()).toEqual([]);
  });

  it('gives an image that it has, under the names that a build would give it', async () => {
    const { Id: id } = await docker.getImage(pushed.reference).inspect();
    for (const name of [versionReference('pushed', version), pushed.reference]) {
      await docker.getImage(name).remove();
    }
    const result = await buildImage(docker, pushed, { ...options, registry });
    expect(result).toEqual({ status: 'pulled', id });
    expect((await docker.getImage(versionReference('pushed', version)).inspect()).Id).toBe(id);
    expect(await namesOfRegistry()).toEqual([]);
  });

  it('is asked for nothing that is there, and what it does not have is built', async () => {
    await addImage('unpushed', 'FROM gantry/pushed\nRUN echo unpushed > /etc/unpushed\n');
    const image = findImage(await loadImageGraph(root), 'unpushed');
    expect((await buildImage(docker, pushed, { ...options, registry: '127.0.0.1:1' })).status).toBe(
      'unchanged',
    );
    expect((await buildImage(docker, image, { ...options, registry })).status).toBe('built');
  });

  it('is not believed where its image is another one than the name says', async () => {
    await addImage('forged', 'FROM gantry/base\nRUN echo forged > /etc/forged\n');
    const image = findImage(await loadImageGraph(root), 'forged');
    await pushImages(docker, [{ ...image, reference: pushed.reference }], { registry, version });
    await expect(buildImage(docker, image, { ...options, registry })).rejects.toMatchObject({
      code: 'image.wrong-content',
    });
    expect(await namesOfRegistry()).toEqual([]);
  });

  it('is named where it cannot be asked or does not take an image', async () => {
    await addImage('unreachable', 'FROM gantry/base\n');
    const image = findImage(await loadImageGraph(root), 'unreachable');
    const nowhere = { registry: '127.0.0.1:1', version };
    await expect(buildImage(docker, image, { ...options, ...nowhere })).rejects.toMatchObject({
      code: 'image.pull-failed',
      message: `127.0.0.1:1/gantry/unreachable:${image.hash} could not be pulled`,
      why: expect.stringContaining('connection refused'),
    });
    await expect(pushImages(docker, [pushed], nowhere)).rejects.toMatchObject({
      code: 'image.push-failed',
      message: `127.0.0.1:1/gantry/pushed:${pushed.hash} could not be pushed`,
    });
  });
});

describe('images list and clean', () => {
  it('lists what is built with sizes that count shared layers once', async () => {
    const list = await listImages(docker, await loadImageGraph(root));
    const [base, sound] = ['base', 'sound'].map((name) => list.images.find((image) => image.name === name));
    expect(base?.built?.ownSize).toBe(base?.built?.size);
    expect(sound?.built?.ownSize).toBeLessThan(100_000);
    expect(list.images.find((image) => image.name === 'unbuilt')?.built).toBeUndefined();
  });

  it('keeps an image that a container was made from and says so, then leaves none of the version', async () => {
    const image = findImage(await loadImageGraph(root), 'sound');
    const container = await docker.createContainer({ Image: image.reference, name: `gantry-${version}` });
    const first = await cleanImages(docker, version);
    await container.remove();
    expect(first.kept).toMatchObject([{ containers: [`gantry-${version}`] }]);
    await cleanImages(docker, version);
    const left = await docker.listImages({ filters: { label: [`${imageLabels.version}=${version}`] } });
    expect(left.map((found) => found.RepoTags)).toEqual([]);
  });
});
