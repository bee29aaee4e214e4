import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { process } from '../../src/model/make.ts';
import { Label } from './labels.ts';
import { checkDirectories, type LookInside } from './volume-directories.ts';

const health = { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 };

/** A cloud of processes of the user 900, each with a volume in one of these directories. */
function cloudIn(directories: (string | undefined)[]) {
  const names = directories.map((_, index) => `disk-${index + 1}`);
  return {
    cloud: 'sky',
    volumes: names,
    jobs: [],
    processes: directories.map((directory, index) =>
      process({
        name: `telescope-${index + 1}`,
        service: 'telescope',
        image: 'base',
        command: [],
        user: '900:900',
        health,
        volumes: [
          { volume: `disk-${index + 1}`, path: '/data', ...(directory === undefined ? {} : { directory }) },
        ],
      }),
    ),
  };
}

/** An engine with these volumes of the cloud, by name, and the directories that they are made of. */
function engineWith(volumes: Record<string, string | undefined>): Docker {
  const all = Object.entries(volumes).map(([name, device]) => ({
    Labels: { [Label.volume]: name },
    Options: device === undefined ? null : { type: 'none', o: 'bind', device },
  }));
  return { listVolumes: async () => ({ Volumes: all }) } as unknown as Docker;
}

const empty: LookInside = { is: 'directory', filesystem: 1, uid: 0, isEmpty: true };

async function said(look: LookInside, volumes: Record<string, string | undefined> = {}): Promise<string[]> {
  const findings = await checkDirectories(engineWith(volumes), cloudIn(['/srv/a']), async () => look);
  return findings.map(({ level, message }) => `${level}: ${message}`);
}

test.each<[LookInside, string]>([
  [empty, 'ok: for disk-1'],
  [{ ...empty, isEmpty: false }, 'error: disk-1 is to be in it, and there are files of somebody else'],
  [
    { ...empty, isEmpty: false, uid: 900 },
    'warning: has what an earlier volume had, which disk-1 takes as its own',
  ],
  [{ is: 'absent' }, 'error: this machine does not have it, and disk-1 is to be in it'],
  [{ is: 'no directory' }, 'error: is no directory, and disk-1 needs one'],
  [{ is: 'unreadable' }, 'warning: what is in it cannot be seen from here, and disk-1 is to be in it'],
])('a directory that is %j: %s', async (look, finding) => {
  expect(await said(look)).toEqual([finding]);
});

test('a volume that is there has its directory already', async () => {
  expect(await said({ ...empty, isEmpty: false }, { 'disk-1': '/srv/a' })).toEqual([]);
});

test('directories on one file system are told of together', async () => {
  const look = async (path: string): Promise<LookInside> => ({
    ...empty,
    filesystem: path === '/srv/c' ? 2 : 1,
  });
  const findings = await checkDirectories(engineWith({}), cloudIn(['/srv/a', '/srv/b', '/srv/c']), look);
  expect(findings.filter(({ level }) => level === 'warning').map(({ message }) => message)).toEqual([
    '/srv/a, /srv/b are on one file system: what is lost with it is lost in all of them',
  ]);
});
