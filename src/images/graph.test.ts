import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Release, releases } from '../model/releases.ts';
import { baseUsers } from '../model/users.ts';
import { projectRoot } from '../root.ts';
import { readBundle } from './context.ts';
import { parseDockerfile } from './dockerfile.ts';
import { findImage, loadImageGraph, withParents } from './graph.ts';
import { imageGraph, imageGraphOf, imageSource } from './testing/source.ts';

const script = { path: 'run', mode: 0o755, content: Buffer.from('#!/bin/sh\n') };
const hashesOf = (...sources: Parameters<typeof imageGraph>) =>
  Object.fromEntries(imageGraph(...sources).images.map((image) => [image.name, image.hash]));

describe('the hash of an image', () => {
  const before = hashesOf(
    imageSource('base', undefined, { context: [script] }),
    imageSource('nova', 'base'),
    imageSource('nova-compute', 'nova'),
    imageSource('redis'),
  );

  it('is 12 hex digits and the tag of its reference', () => {
    const [image] = imageGraph(imageSource('base')).images;
    expect(image?.hash).toMatch(/^[0-9a-f]{12}$/);
    expect(image?.reference).toBe(`gantry/base:${image?.hash}`);
  });

  it.each([
    ['a changed file', { ...script, content: Buffer.from('#!/bin/bash\n') }],
    ['a changed mode', { ...script, mode: 0o644 }],
    ['a renamed file', { ...script, path: 'start' }],
  ])('changes with %s, for the image and all that is built on it', (_, changed) => {
    const after = hashesOf(
      imageSource('base', undefined, { context: [changed] }),
      imageSource('nova', 'base'),
      imageSource('nova-compute', 'nova'),
      imageSource('redis'),
    );
    const changes = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(changes).toEqual(['base', 'nova', 'nova-compute']);
  });

  it('does not depend on the description', () => {
    const description = { summary: 'Other words', user: 'nova', programs: [['true']] } as const;
    const after = hashesOf(
      imageSource('redis', undefined, { description: { ...description, programs: [['true']] } }),
    );
    expect(after.redis).toBe(before.redis);
  });
});

describe('the hashes of two releases', () => {
  const sources = [
    imageSource('base', undefined, {
      dockerfile: parseDockerfile('Dockerfile', 'FROM debian\nARG ARCHIVE=none\nRUN install-packages tini\n'),
    }),
    imageSource('nova', 'base'),
    imageSource('redis'),
  ];
  const hashes = (changes: Partial<Release>): Record<string, string> => {
    const release = { name: 'made-up', number: '2100.1', debian: 'sid', buildArguments: {}, ...changes };
    return Object.fromEntries(imageGraphOf(release, ...sources).images.map(({ name, hash }) => [name, hash]));
  };
  const differing = (one: Partial<Release>): string[] => {
    const [before, after] = [hashes({}), hashes(one)];
    return Object.keys(before).filter((name) => before[name] !== after[name]);
  };

  it('all differ', () => {
    expect(differing({ name: 'another' })).toEqual(['base', 'nova', 'redis']);
  });

  it('follow the build arguments that a Dockerfile declares, its own or that of a parent', () => {
    expect(differing({ buildArguments: { ARCHIVE: 'http://archive.example.org' } })).toEqual([
      'base',
      'nova',
    ]);
    expect(differing({ buildArguments: { UNKNOWN: 'a' } })).toEqual([]);
  });

  it('come with what the Dockerfile is given', () => {
    const buildArguments = { ARCHIVE: 'http://archive.example.org' };
    const graph = imageGraphOf({ ...releases[0], buildArguments }, ...sources);
    expect(findImage(graph, 'base').buildArguments).toEqual(buildArguments);
    expect(findImage(graph, 'redis').buildArguments).toEqual({});
  });
});

describe('the graph', () => {
  it('puts parents first, whatever the order of the folders', () => {
    const graph = imageGraph(imageSource('a', 'b'), imageSource('b', 'c'), imageSource('c'));
    expect(graph.images.map((image) => image.name)).toEqual(['c', 'b', 'a']);
  });

  it('counts every stage as a parent and the last one as the base', () => {
    const dockerfile = parseDockerfile(
      'Dockerfile',
      'FROM gantry/tools AS build\nFROM gantry/base\nCOPY --from=build /a /a\nCOPY --from=gantry/data /b /b\n',
    );
    const graph = imageGraph(
      imageSource('guest', undefined, { dockerfile }),
      imageSource('tools', 'base'),
      imageSource('base'),
      imageSource('data'),
    );
    const guest = findImage(graph, 'guest');
    expect(guest.parents).toEqual(['tools', 'base', 'data']);
    expect(guest.base).toBe('base');
  });

  it('says where an unknown parent is named', () => {
    expect(() => imageGraph(imageSource('nova', 'bass'))).toThrow(
      expect.objectContaining({
        code: 'image.unknown-parent',
        place: {
          file: 'catalogue/nova/images/nova/Dockerfile',
          line: 1,
          column: 6,
          text: 'FROM gantry/bass',
        },
      }),
    );
  });

  it('says how a cycle goes', () => {
    expect(() => imageGraph(imageSource('a', 'b'), imageSource('b', 'c'), imageSource('c', 'a'))).toThrow(
      expect.objectContaining({ code: 'image.cycle', message: expect.stringContaining('a -> b -> c -> a') }),
    );
  });

  it('finds the named images with all they are built on', () => {
    const graph = imageGraph(imageSource('base'), imageSource('nova', 'base'), imageSource('redis'));
    expect(withParents(graph, ['nova']).map((image) => image.name)).toEqual(['base', 'nova']);
    expect(withParents(graph, [])).toHaveLength(3);
    expect(() => withParents(graph, ['novae'])).toThrow(expect.objectContaining({ code: 'image.unknown' }));
  });
});

describe('the catalogue', () => {
  it('loads, with one image that starts from the bare root file system', async () => {
    const graph = await loadImageGraph(projectRoot());
    expect(graph.images.filter((image) => image.base === undefined).map((image) => image.name)).toEqual([
      'base',
    ]);
  });

  it.each(releases)('takes every build argument of $name', async (release) => {
    const { images } = await loadImageGraph(projectRoot(), release);
    const taken = images.flatMap(({ buildArguments }) => Object.keys(buildArguments));
    expect(Object.keys(release.buildArguments).filter((name) => !taken.includes(name))).toEqual([]);
  });

  it('declares the mirror wherever packages are installed', async () => {
    const graph = await loadImageGraph(projectRoot());
    const undeclared = graph.images.filter(
      ({ dockerfile: { text } }) => text.includes('install-packages') && !/^ARG DEBIAN_MIRROR$/m.test(text),
    );
    expect(undeclared.map((image) => image.name)).toEqual([]);
  });

  it('gives the base image the users of the model', async () => {
    const file = join(projectRoot(), 'catalogue/base/images/base/users');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const created = Object.fromEntries(
      lines.map((line) => line.split(' ')).map(([name, id]) => [name, Number(id)]),
    );
    const { root: _, ...expected } = baseUsers;
    expect(created).toEqual(expected);
  });
});

describe('images on demand', () => {
  it('are left out unless they are named', () => {
    const description = { summary: 'A disk', user: 'root' as const, programs: [['true']], onDemand: true };
    const graph = imageGraph(imageSource('base'), imageSource('disk', 'base', { description }));
    const names = (...given: string[]) => withParents(graph, given).map(({ name }) => name);
    expect(names()).toEqual(['base']);
    expect(names('disk')).toEqual(['base', 'disk']);
  });
});

it('has programs of its own in an image, as they are built', async () => {
  const root = projectRoot();
  const image = findImage(await loadImageGraph(root), 'docker-server');
  const content = await readFile(join(root, 'dist/volume-plugin.mjs'));
  expect(image.context).toContainEqual({ path: 'volume-plugin.mjs', mode: 0o755, content });
  expect(content.length).toBeLessThan(2 * 2 ** 20);
  await expect(readBundle(root, 'nothing')).rejects.toMatchObject({
    code: 'image.no-bundle',
    next: 'npm run build',
  });
});
