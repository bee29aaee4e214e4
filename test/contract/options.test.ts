import { beforeAll, describe, expect, test } from 'vitest';
import type { OsloOptions } from '../../src/config/known.ts';
import { cloudSchema } from '../../src/config/schema.ts';
import { releases } from '../../src/model/releases.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { enabledServices } from '../../src/resolve/enabled.ts';
import { knownNames } from '../../src/resolve/known.ts';
import { projectRoot } from '../../src/root.ts';
import { type RenderedCloud, renderCloud, workloadsOf } from './cloud.ts';
import { findWrongOptions } from './rules/options.ts';

let services: ServiceDefinition[];
let clouds: RenderedCloud[];

beforeAll(async () => {
  services = await loadCatalogue(projectRoot());
  const compute = { virtType: 'qemu', cpuRatio: 4, ramRatio: 1.5 };
  const settings = { network: { mtu: 1400 }, notifications: true, compute };
  const alone = { baremetal: { standalone: true } };
  clouds = [
    renderCloud(services),
    renderCloud(services, { facts: { debug: true }, settings }),
    renderCloud(enabledServices(services, cloudSchema(services).parse(alone)), {
      settings: alone,
      schemaOf: services,
    }),
  ];
});

describe.each(releases)('in $name', ({ name: release }) => {
  test('every configuration file has option data', () => {
    const { configFiles } = knownNames(projectRoot(), services, release);
    const without = Object.keys(configFiles).filter((file) => !configFiles[file]?.DEFAULT);
    expect(without).toEqual([]);
  });

  test('every option that the catalogue sets exists, under its present name, and takes the value', () => {
    const { configFiles } = knownNames(projectRoot(), services, release);
    const data = new Map(Object.keys(configFiles).map((file) => [file, configFiles[file]]));
    const wrong = clouds.flatMap(workloadsOf).flatMap((workload) =>
      workload.files.flatMap(({ path, content }) => {
        const options = data.get(path.split('/').at(-1) as string);
        return options ? findWrongOptions(content, options).map((why) => `${workload.name}: ${why}`) : [];
      }),
    );
    expect([...new Set(wrong)]).toEqual([]);
  });
});

describe('an option', () => {
  const options: OsloOptions = {
    DEFAULT: { old: { type: 'string', deprecatedFor: 'new' }, count: { type: 'integer', max: 9 } },
    stores: { '*': { type: 'string' } },
  };
  test.each([
    ['[DEFAULT]\nold = 1\n', '[DEFAULT] old is now new'],
    ['[DEFAULT]\ncount = 10\n', '[DEFAULT] count must be at most 9'],
    ['[DEFAULT]\ncuont = 1\n', '[DEFAULT] cuont does not exist'],
    ['[defaults]\ncount = 1\n', '[defaults] count does not exist'],
  ])('that is wrong is found: %o', (content, says) => {
    expect(findWrongOptions(content, options).join('\n')).toContain(says);
  });

  test('that is right is not', () => {
    expect(findWrongOptions('[DEFAULT]\ncount = 9\n[stores]\nany = 1\n', options)).toEqual([]);
  });
});
