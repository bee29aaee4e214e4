import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkName, isForDocker, metadataOf, optionsIn, parseOptions } from './options.ts';
import { inOneLine } from './problem.ts';

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return inOneLine(thrown);
  }
  return '';
}

const wrong = (given: Record<string, string>) => problemOf(() => parseOptions(given));

describe('options of a volume', () => {
  it('are read by their names', () => {
    expect(
      parseOptions({
        size: '10',
        type: 'ceph',
        'availability-zone': 'nova',
        filesystem: 'xfs',
        'mount-options': 'noatime,data=ordered',
        uid: '999',
        gid: '0',
        mode: '0750',
      }),
    ).toEqual({
      size: 10,
      type: 'ceph',
      availabilityZone: 'nova',
      filesystem: 'xfs',
      mountOptions: 'noatime,data=ordered',
      uid: 999,
      gid: 0,
      mode: 0o750,
    });
    expect(parseOptions(null)).toEqual({});
  });

  it.each(['0', '-1', '1.5', '1e3', '', ' 1', '65537'])('refuse the size "%s"', (size) => {
    expect(wrong({ size })).toBe(`size "${size}" is not a whole number of GiB from 1 to 65536`);
  });

  it.each<[Record<string, string>, string]>([
    [{ size: '10G' }, 'size "10G" is not a whole number of GiB from 1 to 65536: Write 10.'],
    [{ sise: '1' }, 'there is no option "sise"; did you mean "size"?'],
    [{ filesystem: 'ext3' }, 'filesystem "ext3" is not ext4 or xfs; did you mean "ext4"?'],
    [{ type: '' }, 'type has no value'],
    [{ uid: 'root' }, 'uid "root" is not a number from 0 to 4294967294'],
    [{ mode: '888' }, 'mode "888" is not three or four octal digits, such as 0750'],
    [{ 'mount-options': 'noatime,bind' }, 'mount-options "noatime,bind": "bind" is about another mount'],
    [{ 'mount-options': 'a b' }, 'mount-options "a b": "a b" is not an option of mount'],
    [{ snapshot: 'a', image: 'b' }, 'a volume is made of one thing, not of snapshot and image'],
  ])('refuse %o', (given, said) => {
    expect(wrong(given)).toBe(said);
  });

  it('name all there are where none is near', () => {
    expect(wrong({ colour: 'red' })).toContain('It takes size, type, availability-zone, snapshot');
  });

  it('come back from what Cinder keeps of them', () => {
    const options = fc.record(
      {
        filesystem: fc.constantFrom('ext4' as const, 'xfs' as const),
        mountOptions: fc.constantFrom('noatime', 'noatime,commit=30'),
        uid: fc.nat(),
        gid: fc.nat(),
        mode: fc.integer({ min: 0, max: 0o7777 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, (given) => {
        const metadata = metadataOf(given);
        expect(isForDocker(metadata)).toBe(true);
        expect(optionsIn(metadata)).toEqual(given);
      }),
    );
  });

  it('are not taken from metadata that somebody wrote otherwise', () => {
    expect(optionsIn({ 'docker.uid': '-1', 'docker.filesystem': 'vfat' })).toEqual({});
    expect(isForDocker({})).toBe(false);
  });
});

describe('the name of a volume', () => {
  it('is one that Docker gives its own, no longer than Cinder keeps it', () => {
    for (const name of ['db', 'a', '0_.-x', 'f'.repeat(255)]) expect(checkName(name)).toBe(name);
    for (const name of ['bad name', '../x', '-a', 'ä', 'a/b']) {
      expect(problemOf(() => checkName(name))).toContain('is not the name of a volume');
    }
    expect(problemOf(() => checkName('f'.repeat(256)))).toContain('at most 255 characters, not 256');
    expect(problemOf(() => checkName(''))).toBe('the request has no name of a volume');
  });
});
