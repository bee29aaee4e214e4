import { describe, expect, test } from 'vitest';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Protocol } from '../../src/model/workload.ts';
import { broken, frontend, health, inside, onNode } from './broken.ts';
import { rules } from './catalogue.ts';
import { renderCloud } from './cloud.ts';
import { exampleService } from './example.ts';
import {
  findDependentFrontends,
  findRandomness,
  findUnreadConfigFiles,
  findWrongCounts,
} from './rules/effects.ts';
import { findWrongPrivileges, type Privileges } from './rules/privileges.ts';

/** Another service with one process, besides the example. */
const other = (part: Partial<Parameters<typeof process>[0]> = {}) =>
  defineService({
    name: 'other',
    summary: 'Another service',
    byDefault: true,
    required: true,
    processNames: { [part.name ?? 'other']: { replicas: false } },
    declare: () => ({}),
    render: () => ({
      processes: [
        process({
          name: 'other',
          service: 'other',
          image: 'base',
          command: ['true'],
          user: userOf('client'),
          health,
          ...part,
        }),
      ],
      jobs: [],
      tasks: [],
    }),
  });

describe('the example', () => {
  const services = [exampleService()];
  const cloud = renderCloud(services);

  test.each(Object.entries(rules))('keeps to: %s', (_name, rule) => expect(rule(cloud)).toEqual([]));

  test('has no privileges', () => expect(findWrongPrivileges(cloud, {})).toEqual([]));

  test('changes as it should', () => {
    expect(findRandomness(services)).toEqual([]);
    expect(findDependentFrontends(services, cloud)).toEqual([]);
    expect(findWrongCounts(services)).toEqual([]);
    expect(findUnreadConfigFiles(services)).toEqual([]);
  });
});

describe('a broken entry is found', () => {
  test.each(broken)('%s: %o', (rule, change, says) => {
    const found = rules[rule]?.(renderCloud([exampleService(change)])).join('\n');
    expect(found).toContain(says);
  });

  test('every rule has one', () => {
    expect([...new Set(broken.map(([rule]) => rule))].sort()).toEqual(Object.keys(rules).sort());
  });

  test('an endpoint that no front end answers for users', () => {
    const frontends = [inside];
    expect(() => renderCloud([exampleService({ declaration: { frontends } })])).toThrow(
      'no service declares a public front end example',
    );
  });

  test('an image that is nowhere', () => {
    expect(() => renderCloud([exampleService({ job: { image: 'bsae' } })])).toThrow(/bsae/);
  });

  test("one port of the node's network held by two", () => {
    const services = [exampleService({ process: onNode }), other(onNode)];
    expect(rules['ports are held once']?.(renderCloud(services))).toEqual([
      "port 8080/tcp is held twice in the node's network",
    ]);
  });

  test('one public port held by two, but not in two protocols', () => {
    const ports = (protocol: Protocol) => [{ name: 'api', port: 8080, protocol, publicPort: 443 }];
    const found = (protocol: Protocol) =>
      rules['ports are held once']?.(
        renderCloud([
          exampleService({ process: { ports: ports('tcp') } }),
          other({ ports: ports(protocol) }),
        ]),
      );
    expect(found('tcp')).toEqual(['public port 443/tcp is held twice']);
    expect(found('udp')).toEqual([]);
  });
});

describe('privileges', () => {
  const cloud = renderCloud([
    exampleService({ process: { user: '0:0', needs: { capabilities: ['NET_ADMIN'], hostPid: true } } }),
  ]);

  test('that are not on the list are found', () => {
    expect(findWrongPrivileges(cloud, {})).toEqual([
      'example-api may not have root',
      'example-api may not have hostPid',
      'example-api may not have NET_ADMIN',
    ]);
  });

  test('on the list that nothing has are found', () => {
    const allowed: Record<string, Privileges> = {
      'example-api': {
        reason: 'a test',
        root: true,
        hostPid: true,
        capabilities: ['NET_ADMIN', 'SYS_ADMIN'],
      },
      gone: { reason: 'a test' },
    };
    expect(findWrongPrivileges(cloud, allowed)).toEqual([
      'example-api no longer needs SYS_ADMIN',
      'gone has privileges, and does not exist',
    ]);
  });
});

describe('changes that go wrong are found', () => {
  test('of nothing at all', () => {
    let count = 0;
    const services = [exampleService()].map((service) => ({
      ...service,
      render: (context: Parameters<typeof service.render>[0]) => {
        count += 1;
        const { processes, jobs, tasks } = service.render(context);
        return { processes, jobs: jobs.map((job) => ({ ...job, command: [String(count)] })), tasks };
      },
    }));
    expect(findRandomness(services)).toEqual(['jobs differ when rendered again']);
  });

  test('of facts', () => {
    const services = [
      {
        ...exampleService(),
        declare: (facts: { publicHost: string }) => ({
          frontends: [{ ...frontend, name: facts.publicHost }],
        }),
      },
    ];
    const cloud = renderCloud([exampleService()]);
    expect(findDependentFrontends(services, cloud)).toEqual(['front ends of example depend on the cloud']);
  });

  test('of replicas and workers', () => {
    const services = [exampleService({ process: { replicas: 1, command: ['example'] } })];
    expect(findWrongCounts(services)).toEqual([
      'example-api does not take its replicas from cloud.yaml',
      'example-api takes no workers from cloud.yaml',
    ]);
    const unsaid = { processNames: { 'example-api': { replicas: true } } };
    expect(findWrongCounts([exampleService({ definition: unsaid })])).toEqual([
      'example-api takes workers, unsaid, from cloud.yaml',
    ]);
  });

  test('of options', () => {
    const files = [file(`${CONFIG_DIR}/example.conf`, 'always the same', { gid: users.client })];
    expect(findUnreadConfigFiles([exampleService({ process: { files } })])).toEqual([
      'example-api ignores example.conf',
    ]);
    const job = (content: string) => [file(`${CONFIG_DIR}/other.conf`, content, { gid: users.client })];
    const services = [exampleService()].map((service) => ({
      ...service,
      render: (context: Parameters<typeof service.render>[0]) => {
        const { processes, jobs, tasks } = service.render(context);
        const files = job(JSON.stringify(context.overrides('example.conf', 'example-schema')));
        return { processes, jobs: jobs.map((one) => ({ ...one, files })), tasks };
      },
    }));
    expect(findUnreadConfigFiles(services)).toEqual([
      'an option of every process that reads example.conf also replaces example-schema',
    ]);
  });
});
