import { describe, expect, it } from 'vitest';
import { compareVolumes, SETTLED_MS } from './compare.ts';
import { parseDisks, type Seen, type SeenServer } from './seen.ts';

const now = Date.parse('2026-11-28T12:00:00Z');
const old = now - SETTLED_MS;
const logs = { volumes: ['serving'], servers: ['running'] };
const hour = 3_600_000;

/** A volume `v` in a server `s`, as all three say. */
const server: SeenServer = {
  id: 's',
  name: 'web',
  status: 'ACTIVE',
  task: undefined,
  host: 'node-1',
  volumes: [{ volume: 'v', attachment: 'a' }],
};
const well: Seen = {
  now,
  volumes: [{ id: 'v', name: 'disk', status: 'in-use', changedAt: old }],
  attachments: [{ id: 'a', volume: 'v', server: 's', status: 'attached' }],
  servers: [server],
  domains: [{ id: 's', volumes: ['v'] }],
  complete: true,
};

const volume = (status: string, changedAt = old) => ({
  volumes: [{ id: 'v', name: 'disk', status, changedAt }],
});
const attachment = (status: string) => ({
  attachments: [{ id: 'a', volume: 'v', server: 's', status }],
});
const servers = (values: Partial<SeenServer>) => ({ servers: [{ ...server, ...values }] });
const nothing = { attachments: [], servers: [], domains: [] };
const noDisk = { domains: [{ id: 's', volumes: [] }] };
const noRecord = servers({ volumes: [] });

const find = (changes: Partial<Seen>) => compareVolumes({ ...well, ...changes }, logs);
/** Calls in words, as short as they can be told apart. */
const callsOf = (changes: Partial<Seen>) =>
  find(changes).flatMap(({ mends }) =>
    mends.map((mend) => (mend.call === 'reset' ? `reset ${mend.status}` : mend.call)),
  );

describe('volumes', () => {
  it.each<[string, Partial<Seen>]>([
    ['in a server, as all say', {}],
    ['attached to nothing', { ...nothing, ...volume('available') }],
    ['of a server whose hypervisor does not say', { domains: [] }],
    [
      'of a server that is on no node',
      { ...volume('reserved'), ...attachment('reserved'), ...servers({ host: undefined }), domains: [] },
    ],
    [
      'reserved by a user for no server',
      {
        ...nothing,
        ...volume('reserved'),
        attachments: [{ id: 'a', volume: 'v', server: undefined, status: 'reserved' }],
      },
    ],
    [
      'on their way into a server',
      { ...volume('attaching', now - 1000), ...attachment('attaching'), ...noDisk },
    ],
    [
      'of a server that Nova moves',
      { ...attachment('reserved'), ...servers({ task: 'migrating' }), ...noDisk },
    ],
    [
      'of a server that was resized, and has two attachments until that is confirmed',
      { ...servers({ status: 'VERIFY_RESIZE' }), ...noDisk },
    ],
    ['that are being made', { ...nothing, ...volume('creating') }],
  ])('%s are in order', (_, changes) => {
    expect(find(changes)).toEqual([]);
  });

  it.each<[string, Partial<Seen>, RegExp, string[]]>([
    [
      'cut off before nova-compute began',
      { ...volume('reserved'), ...attachment('reserved'), ...noDisk },
      /never got the disk/,
      ['forget', 'remove attachment', 'reset available'],
    ],
    [
      'cut off before the guest had the disk',
      { ...volume('attaching'), ...attachment('attaching'), ...noDisk },
      /never got the disk/,
      ['forget', 'remove attachment', 'reset available'],
    ],
    [
      'cut off after the guest had the disk',
      { ...volume('attaching'), ...attachment('attaching') },
      /was not completed/,
      ['keep', 'complete attachment'],
    ],
    ['not taken away though it was to be', volume('detaching'), /still has the disk/, ['reset in-use']],
    [
      'cut off after the guest let go',
      { ...volume('detaching'), ...noDisk },
      /has let go/,
      ['forget', 'remove attachment', 'reset available'],
    ],
    [
      'cut off after Cinder let go',
      { ...volume('available'), attachments: [], ...noDisk },
      /Cinder has no such attachment/,
      ['forget', 'reset available'],
    ],
    [
      'unknown to Nova',
      { ...noRecord, ...noDisk },
      /Nova has not recorded it/,
      ['remove attachment', 'reset available'],
    ],
    [
      'of a server that is gone',
      { servers: [], domains: [] },
      /no such server/,
      ['remove attachment', 'reset available'],
    ],
    [
      'reserved, with nothing behind it',
      { ...nothing, ...volume('reserved') },
      /attached to nothing/,
      ['reset available'],
    ],
    ['available, though a guest has it', volume('available'), /has the disk/, ['reset in-use']],
    ['never made', { ...nothing, ...volume('creating', now - hour) }, /creating for 1 h/, ['reset error']],
  ])('%s are mended', (_, changes, seen, calls) => {
    expect(
      find(changes)
        .map((one) => one.seen)
        .join(),
    ).toMatch(seen);
    expect(callsOf(changes)).toEqual(calls);
  });

  it.each<[string, Partial<Seen>, RegExp]>([
    ['a guest has what only Cinder knows of', noRecord, /a guest has the disk, and Nova has not/],
    [
      'a guest has what nobody has recorded',
      { ...noRecord, attachments: [], ...volume('available') },
      /a guest has the disk/,
    ],
    ['a guest lost what both have recorded', noDisk, /the guest has no such disk/],
    ['Nova has recorded a volume that is gone', { volumes: [], attachments: [] }, /no such volume/],
    ['it is in error', { ...nothing, ...volume('error_deleting') }, /error_deleting/],
    ['a copy takes long', { ...nothing, ...volume('retyping', now - hour) }, /retyping for 1 h/],
    [
      'a hypervisor that may run it does not say',
      { servers: [], domains: [], complete: false },
      /no such server/,
    ],
    ['Nova failed', servers({ failedAt: now - 1000 }), /could not be given to it.*2026-11-28T11:59:59/],
  ])('are left to people where %s', (_, changes, seen) => {
    expect(
      find(changes)
        .map((one) => one.seen)
        .join(),
    ).toMatch(seen);
    expect(callsOf(changes)).toEqual([]);
    expect(find(changes).every(({ next }) => next !== '')).toBe(true);
  });

  it('of several servers stay with those that have them', () => {
    const other = { id: 'b', volume: 'v', server: 't', status: 'attaching' };
    const record = { volume: 'v', attachment: 'b' };
    const two = {
      ...volume('attaching'),
      attachments: [...well.attachments, other],
      servers: [server, { ...server, id: 't', name: 'db', volumes: [record] }],
      domains: [...well.domains, { id: 't', volumes: [] }],
    };
    expect(find(two).map((one) => one.server?.name)).toEqual(['db']);
    expect(callsOf(two)).toEqual(['forget', 'remove attachment', 'reset in-use']);
  });
});

it('knows of each server which volumes it has', () => {
  expect(parseDisks('s\ns\tv\nt\n')).toEqual([
    { id: 's', volumes: ['v'] },
    { id: 't', volumes: [] },
  ]);
});
