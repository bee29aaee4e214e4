import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GantryError } from '../errors.ts';
import { releases } from '../model/releases.ts';
import { projectRoot } from '../root.ts';
import { findFileArguments } from './arguments.ts';
import { loadArgumentTable } from './load.ts';
import { type Handing, placeFiles } from './places.ts';

const table = loadArgumentTable(projectRoot(), releases[0].name);
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gantry-places-'));
  mkdirSync(join(home, 'work/sub'), { recursive: true });
  for (const name of ['key.pub', 'work/x.img', 'work/sub/a']) writeFileSync(join(home, name), name);
});
afterAll(() => rmSync(home, { recursive: true }));

function handingOf(line: string): Handing {
  const args = line.split(' ');
  return placeFiles(args, findFileArguments(args, table), { directory: join(home, 'work'), home });
}
const placesOf = (line: string) => {
  const { args, given } = handingOf(line);
  return { line: args('/d').join(' '), given: given.map(({ source, place }) => [source, place]) };
};

describe('a file that the client reads', () => {
  test.each([
    ['image create --file ./x.img n', 'image create --file ./x.img n'],
    ['image create --file=x.img n', 'image create --file=x.img n'],
    ['image create --file sub/../x.img n', 'image create --file /d/files/0/x.img n'],
  ])('keeps its path where that has no way up: %s', (line, becomes) => {
    const { line: said, given } = placesOf(line);
    expect(said).toBe(becomes);
    expect(given[0]?.[0]).toBe(join(home, 'work/x.img'));
  });

  test('keeps a relative path', () => {
    expect(placesOf('object create box sub/a')).toEqual({
      line: 'object create box sub/a',
      given: [[join(home, 'work/sub/a'), 'here/sub/a']],
    });
  });

  test.each(['~/key.pub', '../key.pub'])('is elsewhere under %s', (path) => {
    expect(placesOf(`keypair create --public-key=${path} me`)).toEqual({
      line: 'keypair create --public-key=/d/files/0/key.pub me',
      given: [[join(home, 'key.pub'), 'files/0/key.pub']],
    });
  });

  test('is named as its user named it, where the client would name something after it', () => {
    expect(placesOf('object create box ../key.pub').line).toBe(
      'object create box /d/files/0/key.pub --name ../key.pub',
    );
    expect(placesOf('object create --name n box ../key.pub').line).not.toContain('--name ../');
  });

  test('and that is there only sometimes is left alone where it is not', () => {
    expect(placesOf('server create --block-device uuid=1,boot_index=0 s').given).toEqual([]);
    expect(placesOf('server create --block-device x.img s').given).toHaveLength(1);
    expect(placesOf(`application credential create --access-rules ${'x'.repeat(5000)} s`).given).toEqual([]);
  });

  test('is standard input under -, without a copy where the command reads it itself', () => {
    const image = handingOf('image create --file - n');
    expect({ line: image.args('/d').join(' '), given: image.given, reads: image.readsStdin }).toEqual({
      line: 'image create n',
      given: [],
      reads: true,
    });
    const key = handingOf('keypair create --public-key - n');
    expect({ line: key.args('/d').join(' '), taken: key.stdinTaken }).toEqual({
      line: 'keypair create --public-key - n',
      taken: true,
    });
    expect(key.given).toMatchObject([{ source: undefined, place: 'here/-' }]);
  });
});

describe('a template', () => {
  beforeAll(() => {
    mkdirSync(join(home, 'work/stack/lib'), { recursive: true });
    const write = (path: string, ...lines: string[]) => writeFileSync(join(home, path), lines.join('\n'));
    write(
      'work/stack/main.yaml',
      'resources:',
      '  one: {type: lib/one.yaml}',
      '  script: {type: "OS::Heat::SoftwareConfig", properties: {config: {get_file: ../x.img}}}',
      '  away: {type: "https://example.org/a.yaml"}',
    );
    write('work/stack/lib/one.yaml', 'resources: {again: {type: two.template}}');
    write('work/stack/lib/two.template', '{"resources": {"round": {"type": "one.yaml"}}}');
    write(
      'work/env.yaml',
      'resource_registry: {"My::Type": stack/lib/one.yaml, "OS::Quantum*": "OS::Neutron*"}',
    );
    write('work/lost.yaml', 'resources: {one: {type: stack/lib/on.yaml}}');
  });

  test('goes with what it names, and what that names, each where it is to the others', () => {
    const { args, given, templates } = handingOf('stack create -t stack/main.yaml -e env.yaml n');
    expect(args('/d').join(' ')).toBe('stack create -t stack/main.yaml -e env.yaml n');
    expect(given.map(({ place }) => place).sort()).toEqual([
      'here/env.yaml',
      'here/stack/lib/one.yaml',
      'here/stack/lib/two.template',
      'here/stack/main.yaml',
      'here/x.img',
    ]);
    expect(templates).toEqual({ place: 'here', directory: join(home, 'work') });
  });

  test('is elsewhere with all of them, where one of them is not below the working directory', () => {
    const { args, given, templates } = handingOf('stack create -t ~/work/stack/main.yaml n');
    expect(args('/d')).toContain('/d/files/templates/stack/main.yaml');
    expect(given.map(({ place }) => place)).toContain('files/templates/x.img');
    expect(templates).toEqual({ place: 'files/templates', directory: join(home, 'work') });
  });

  test('and its environment are below one directory, in whichever order and place they are', () => {
    for (const line of [
      'stack create -t stack/lib/two.template -e ~/work/env.yaml n',
      'stack create -e ~/work/env.yaml -t stack/lib/two.template n',
      'stack create --environment=../work/env.yaml -t ~/work/stack/lib/two.template n',
    ]) {
      const { args, given, templates } = handingOf(line);
      expect(templates).toEqual({ place: 'files/templates', directory: join(home, 'work') });
      const places = given.map(({ place }) => place);
      expect(places.sort()).toEqual(
        ['env.yaml', 'stack/lib/one.yaml', 'stack/lib/two.template'].map((path) => `files/templates/${path}`),
      );
      expect(args('/d').join(' ')).toContain('/d/files/templates/env.yaml');
      expect(args('/d').join(' ')).toContain('/d/files/templates/stack/lib/two.template');
    }
  });

  test('that is at a URL stays there', () => {
    expect(handingOf('stack create -t https://example.org/a.yaml n').given).toEqual([]);
  });

  test('is not handed in without a file that it names', () => {
    expect(() => handingOf('stack create -t lost.yaml n')).toThrow(
      /^lost.yaml names .*on.yaml, which is not there; did you mean "one.yaml"\?$/,
    );
  });
});

test('a file that the client writes goes where its user says, private keys for their user alone', () => {
  expect(handingOf('keypair create --private-key ../new n').taken).toMatchObject([
    { target: join(home, 'new'), place: 'files/0/new', mode: 0o600, append: false },
  ]);
  expect(handingOf('image save --file out n').taken).toMatchObject([
    { target: join(home, 'work/out'), place: 'here/out', mode: undefined },
  ]);
});

test.each([
  ['image create --file ./y.img n', '--file: there is no file ./y.img; did you mean "x.img"?'],
  ['image create --file sub n', '--file: sub is a directory'],
  ['image create --file no/where n', '--file: there is no file no/where; nor is there its directory'],
  ['image create --file x.img/y n', '--file: x.img/y cannot be looked at'],
  ['image save --file no/out n', '--file: no/out cannot be written'],
  ['object create box ../key.pub ~/key.pub', '../key.pub is not below the working directory'],
])('before anything is done, %s says: %s', (line, message) => {
  const error = (() => {
    try {
      handingOf(line);
    } catch (thrown) {
      return thrown as GantryError;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(GantryError);
  expect({ message: error?.message, exitCode: error?.exitCode }).toEqual({ message, exitCode: 64 });
});
