import { beforeAll, describe, expect, test } from 'vitest';
import type { ServiceDefinition } from '../../src/model/service.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { declarationOf } from '../../src/resolve/desired.ts';
import { credentialsOf, type Turn } from '../../src/resolve/logins.ts';
import { projectRoot } from '../../src/root.ts';
import { filesOutside, type RenderedCloud, renderCloud, replacedBetween, workloadsOf } from './cloud.ts';

/** The cloud as it is after each part of a change of all passwords, and of a second one. */
const turns: (Turn | undefined)[] = [
  undefined,
  { second: false, both: true },
  { second: true, both: true },
  { second: true, both: false },
  { second: true, both: true },
  { second: false, both: true },
  { second: false, both: false },
];

let services: ServiceDefinition[];
let clouds: RenderedCloud[];

beforeAll(async () => {
  services = await loadCatalogue(projectRoot());
  const { facts, config } = renderCloud(services);
  const logins = credentialsOf(services, (service) => declarationOf(service, facts, config));
  const isLogin = (name: string) => logins.some(({ secret }) => secret === name);
  clouds = turns.map((turn) => renderCloud(services, { turn: (name) => (isLogin(name) ? turn : undefined) }));
});

const patterns = {
  database: /(?:mysql\+pymysql:\/\/|^\[client\]\nuser = )([\w-]+)(?::|\n)/gm,
  broker: /(?:rabbit|amqp):\/\/([\w-]+):/g,
  Keystone: /^(?:username = |backup_swift_user = |stack_domain_admin = |\s*"username": ")([\w-]+)"?,?$/gm,
};

/** Whom Gantry itself logs in as, and whom Prometheus lets in. */
const ours = ['Keystone admin', 'Keystone gantry'];

/** What processes log in as, as `PLACE USER`. */
function loginsUsed(cloud: RenderedCloud): string[] {
  const files = [...workloadsOf(cloud).flatMap((one) => one.files), ...filesOutside(cloud)];
  const text = files.map(({ content }) => content).join('\n');
  const found = Object.entries(patterns).flatMap(([place, pattern]) =>
    [...text.matchAll(pattern)].map(([, user]) => `${place} ${user}`),
  );
  return [...new Set(found)].filter((login) => !ours.includes(login)).sort();
}

/** What the database, the broker and Keystone are told to admit, in the same form. */
function loginsAdmitted({ desired }: RenderedCloud): string[] {
  const fileOf = (process: string, end: string) =>
    desired.processes.find(({ name }) => name === process)?.files.find(({ path }) => path.endsWith(end))
      ?.content ?? '';
  const { users } = JSON.parse(fileOf('rabbitmq', 'definitions.json')) as { users: { name: string }[] };
  const action = desired.tasks.find(({ name }) => name === 'keystone-registrations')?.action;
  return [
    ...[...fileOf('mariadb', 'init.sql').matchAll(/ALTER USER '([\w-]+)'/g)].map(
      ([, user]) => `database ${user}`,
    ),
    ...users.map(({ name }) => `broker ${name}`),
    ...(action?.type === 'identity.register' ? action.accounts : []).map(
      ({ user, login = user }) => `Keystone ${login}`,
    ),
  ].sort();
}

describe('while passwords are changed', () => {
  test('what processes log in as is admitted, before each part and after it', () => {
    for (const [index, cloud] of clouds.entries()) {
      const used = [cloud, clouds[index - 1]].flatMap((one) => (one ? loginsUsed(one) : []));
      expect(loginsAdmitted(cloud), `part ${index}`).toEqual(expect.arrayContaining(used));
    }
    expect(loginsUsed(clouds[0] as RenderedCloud).length).toBeGreaterThan(8);
  });

  test('no login is admitted any more that no process uses', () => {
    for (const cloud of [clouds[0], clouds[3], clouds[6]] as RenderedCloud[]) {
      expect(loginsAdmitted(cloud)).toEqual(loginsUsed(cloud));
    }
  });

  test('making logins valid and invalid replaces nothing; putting them to use replaces what logs in', () => {
    const replaced = clouds
      .slice(1)
      .map((cloud, index) => replacedBetween(clouds[index] as RenderedCloud, cloud));
    const [made, used, removed, madeAgain, usedAgain, removedAgain] = replaced;
    for (const names of [made, removed, madeAgain, removedAgain]) expect(names).toEqual([]);
    expect(used).toContain('nova-api');
    expect(used).not.toEqual(
      expect.arrayContaining(['mariadb', 'rabbitmq', 'haproxy', 'libvirt', 'openvswitch']),
    );
    expect(usedAgain).toEqual(used);
  });

  test('one service can be chosen', () => {
    const before = clouds[0] as RenderedCloud;
    const chosen = credentialsOf(services, (service) => declarationOf(service, before.facts, before.config))
      .filter(({ service }) => service === 'glance')
      .map(({ secret }) => secret);
    const turn = (secret: string) => (chosen.includes(secret) ? { second: true, both: true } : undefined);
    const replaced = replacedBetween(before, renderCloud(services, { turn }));
    expect(replaced).toEqual(['glance-api', 'glance-stores', 'glance-schema']);
  });
});
