import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderedIni, renderSections } from '../model/oslo.ts';
import { hashOf, identityOf, identityOfTask } from './identity.ts';
import { changedIniKeys } from './ini.ts';
import { makeFile, makeJob, makeProcess, makeTask } from './testing/workloads.ts';

const fixed = makeFile('/etc/gantry/a.conf', 'a');
const live = makeFile('/etc/gantry/live.cfg', 'a', { reloadable: true });
const process = makeProcess('api', { files: [fixed, live] });
const identity = identityOf(process, 'image:1').identity;

describe('identityOf', () => {
  it.each([
    ['the image', process, 'image:2'],
    ['the command', { ...process, command: ['other'] }, 'image:1'],
    ['the content of a file', { ...process, files: [{ ...fixed, content: 'b' }, live] }, 'image:1'],
    ['the owner of a file', { ...process, files: [{ ...fixed, uid: 0 }, live] }, 'image:1'],
    ['the mode of a file', { ...process, files: [{ ...fixed, mode: 0o400 }, live] }, 'image:1'],
    ['the health check', { ...process, health: { ...process.health, retries: 9 } }, 'image:1'],
    ['which files there are', { ...process, files: [fixed] }, 'image:1'],
  ])('changes with %s', (_, changed, reference) => {
    expect(identityOf(changed, reference).identity).not.toBe(identity);
  });

  it.each([
    ['the content of a reloadable file', { ...process, files: [fixed, { ...live, content: 'b' }] }],
    ['the number of replicas', { ...process, replicas: 3 }],
    ['what it starts after', { ...process, after: ['process:b' as const] }],
    ['how it is updated', { ...process, update: 'recreate' as const }],
    [
      'what it can tell of its node',
      { ...process, detections: [{ check: 'a', command: ['b'], choices: {} }] },
    ],
    [
      'what nodes are looked at for',
      { ...process, needs: { kernel: [{ modules: [{ name: 'a' }] }], hostNameAsAddress: true } },
    ],
    ['the nodes that replicas may run on', { ...process, on: ['network' as const] }],
    ['the order of files', { ...process, files: [live, fixed] }],
  ])('does not change with %s', (_, changed) => {
    expect(identityOf(changed, 'image:1').identity).toBe(identity);
  });

  it('of a job is its image, command and files', () => {
    const job = makeJob('sync', { files: [fixed] });
    const before = identityOf(job, 'image:1').identity;
    expect(identityOf({ ...job, timeoutSeconds: 1 }, 'image:1').identity).toBe(before);
    expect(identityOf({ ...job, command: ['b'] }, 'image:1').identity).not.toBe(before);
    expect(identityOf(job, 'image:2').identity).not.toBe(before);
  });

  it('of a task is what it does, as it was written when it was done', () => {
    const register = makeTask('registrations', { service: 'keystone' });
    const done = hashOf({ type: 'keystone.register', accounts: [], endpoints: [] });
    expect(identityOfTask(register)).toBe(done);
    expect(identityOfTask({ ...register, after: ['process:api'] })).toBe(done);
    const action = { ...register.action, roles: [{ name: 'observer' }] };
    expect(identityOfTask({ ...register, action })).not.toBe(done);
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(hashOf(reversed)).toBe(hashOf(value));
      }),
    );
  });
});

describe('changedIniKeys', () => {
  it('names keys by section, DEFAULT first, with repeated keys and continuation lines', () => {
    const before = '[api]\nlimit = 1\nuri = a\nuri = b\n[DEFAULT]\nlong = 1\n  2\nsame = 1\n';
    const after = '[DEFAULT]\nlong = 1\n  3\nsame=1\n[api]\nuri = a\nlimit = 2\nnew: 1\n';
    expect(changedIniKeys(before, after)).toEqual([
      '[DEFAULT] long',
      '[api] limit',
      '[api] new',
      '[api] uri',
    ]);
  });

  it('knows files without sections and keys without values', () => {
    expect(changedIniKeys('listeners.tcp = 1\n', 'listeners.tcp = 2\nskip-networking\n')).toEqual([
      'listeners.tcp',
      'skip-networking',
    ]);
  });

  it('finds nothing to have changed between a text and what it was rendered from', () => {
    const name = fc.stringMatching(/^[a-z_]{1,8}$/);
    const one = fc.oneof(
      fc.string(),
      fc.constantFrom('a\nb', 'a\n\n# b\n c', '', ' x '),
      fc.integer(),
      fc.boolean(),
    );
    const options = fc.dictionary(name, fc.oneof(one, fc.array(fc.string(), { minLength: 1 })));
    fc.assert(
      fc.property(fc.dictionary(name, options), (given) => {
        const sections = renderSections([given], { path: 'config', sections: {} });
        expect(changedIniKeys(renderedIni(sections), sections)).toEqual([]);
      }),
    );
  });

  it('names what differs from what is to be rendered', () => {
    const sections = renderSections([{ api: { limit: 2, uri: ['a', 'b'] } }], {
      path: 'config',
      sections: {},
    });
    expect(changedIniKeys('[api]\nlimit = 1\nuri = a\nuri = b\nold = 1\n', sections)).toEqual([
      '[api] limit',
      '[api] old',
    ]);
  });

  it('gives up on what is not in INI form', () => {
    expect(changedIniKeys('a = 1', 'server 10.0.0.1 iburst')).toBeUndefined();
  });
});
