import { describe, expect, it } from 'vitest';
import { checkPrivate, parseCredential } from './credential.ts';
import { inOneLine } from './problem.ts';
import { parseSettings } from './settings.ts';

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return inOneLine(thrown);
  }
  return '';
}

describe('the settings', () => {
  it('may be left out', () => {
    const usual = { credentials: '/etc/gantry/clouds.yaml', preempt: false, defaults: {} };
    for (const text of ['', '# nothing\n', 'defaults:\n'])
      expect(parseSettings('s.yaml', text)).toEqual(usual);
  });

  it('say what volumes are made with', () => {
    const text = 'preempt: true\ncloud: own\ndefaults:\n  size: 2\n  mode: "0750"\n  type: ceph\n';
    expect(parseSettings('s.yaml', text)).toMatchObject({
      preempt: true,
      cloud: 'own',
      defaults: { size: 2, mode: 0o750, type: 'ceph' },
    });
  });

  it.each([
    ['premept: true', 's.yaml:1:1: unknown key "premept"; did you mean "preempt"?'],
    ['preempt: yes please', 's.yaml:1:10: preempt must be true or false'],
    ['defaults:\n  sice: 1', 's.yaml:2:3: unknown key "sice"; did you mean "size"?'],
    ['defaults:\n  size: 0', 's.yaml:2:9: defaults.size "0" is not a whole number of GiB from 1 to 65536'],
    ['defaults:\n  mode: 0750', 's.yaml:2:9: defaults.mode is octal: put it in quotes, such as "0750"'],
    ['credentials: clouds.yaml', 's.yaml:1:14: credentials must be an absolute path'],
    ['server: web', 's.yaml:1:9: server must be the id of a server'],
    ['- a', 's.yaml:1:1: the file must be a mapping'],
    ['a: [', 's.yaml:1:5: not valid YAML'],
  ])('refuse %j with its place', (text, said) => {
    expect(problemOf(() => parseSettings('s.yaml', text))).toContain(said);
  });

  it('do not say of what a volume is made: that is said of each', () => {
    expect(problemOf(() => parseSettings('s.yaml', 'defaults: {snapshot: a}'))).toContain(
      'unknown key "snapshot"',
    );
  });
});

const clouds = (...lines: string[]) =>
  ['clouds:', '  own:', ...lines.map((line) => `    ${line}`)].join('\n');
const whole = [
  'auth_type: v3applicationcredential',
  'auth:',
  '  auth_url: https://example.org:5000',
  '  application_credential_id: an-id',
  '  application_credential_secret: very-secret',
];

describe('the credential', () => {
  it('is an application credential of a clouds.yaml', () => {
    const text = clouds(...whole, 'region_name: here', 'cacert: /etc/ca.pem', 'interface: internal');
    expect(parseCredential('c.yaml', text, undefined)).toEqual({
      authUrl: 'https://example.org:5000/v3',
      id: 'an-id',
      secret: 'very-secret',
      region: 'here',
      interface: 'internal',
      caFile: '/etc/ca.pem',
    });
    for (const url of ['https://example.org:5000/v3', 'https://example.org:5000/v3/']) {
      const same = clouds(...whole).replace('https://example.org:5000', url);
      expect(parseCredential('c.yaml', same, 'own')).toMatchObject({
        authUrl: 'https://example.org:5000/v3',
      });
    }
  });

  it.each([
    [clouds(...whole.slice(1)), 'auth_type is missing; it must be v3applicationcredential'],
    [clouds(...whole).replace('v3app', 'v3other'), 'it must be v3applicationcredential'],
    [clouds(...whole.slice(0, 4)), 'clouds.own.auth.application_credential_secret is missing'],
    [clouds(...whole, 'interface: side'), 'interface must be public, internal, admin'],
    ['{}', 'it has no clouds'],
    ['clouds: {a: {}, b: {}}', 'it has 2 clouds'],
  ])('is refused where something is missing', (text, said) => {
    expect(problemOf(() => parseCredential('c.yaml', text, undefined))).toContain(said);
  });

  it('is not told by what is wrong with its file', () => {
    const text = `${clouds(...whole)}\n  very-secret: [`;
    expect(problemOf(() => parseCredential('c.yaml', text, undefined))).toMatch(
      /^c\.yaml:\d+:\d+: not valid YAML$/,
    );
    expect(problemOf(() => parseCredential('c.yaml', clouds(...whole), 'other'))).toContain(
      'no cloud "other", only own',
    );
  });

  it("must be root's alone", () => {
    expect(problemOf(() => checkPrivate('c.yaml', { mode: 0o100600, uid: 0 }))).toBe('');
    for (const found of [
      { mode: 0o100640, uid: 0 },
      { mode: 0o100600, uid: 1000 },
    ]) {
      expect(problemOf(() => checkPrivate('c.yaml', found))).toContain("must be root's alone");
    }
  });
});
