import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OTHERS } from '../../src/config/known.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from './cloud.ts';

const root = projectRoot();
const services = await loadCatalogue(root);
const names = services.flatMap(({ processNames }) => Object.keys(processNames));

/** Where the name of a process is a word for something else. */
const otherWords: Record<string, string> = {
  'src/cli/specs.ts registry': 'a command',
  'src/cloud/machine.ts registry': 'a check of `doctor`',
  'src/client/load.ts client': 'the folder in the catalogue that has the data of its arguments',
  'src/config/check-engine.ts registry': 'a setting of cloud.yaml',
  'src/config/outside.ts registry': 'a check of `doctor`',
  'src/config/schema.ts nova-api': 'an example of a process, in the reference',
  'src/engine/external-interface.ts openvswitch': 'a kind of interface, as ip-link(8) has it',
  'src/openstack/hypervisors.ts nova-compute': "a binary, as Nova's API has it",
  'engines/kubernetes/nodes/seeds.ts registry': 'a part of Desired',
  'engines/kubernetes/plan/images.ts registry': 'a part of Desired',
  'engines/kubernetes/preflight/checks.ts registry': 'a check of `doctor`',
  'engines/kubernetes/preflight/preflight.ts registry': 'a check of `doctor`',
  'engines/kubernetes/preflight/pull-secrets.ts registry': 'a setting of the engine',
};

/** Names of processes that are strings in this text, with or without what makes a `Ref` of them. */
function processesNamedIn(text: string): string[] {
  const strings = [...text.matchAll(/(['"])(?:(?:process|retired):)?([\w-]+)\1/g)].map(([, , name]) => name);
  return names.filter((name) => strings.includes(name));
}

const sources = ['src', 'engines'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('/testing/'))
    .map((name) => join(folder, name)),
);

test('only its own folder names a process: the rest goes by what services give', () => {
  const found = sources.flatMap((file) =>
    processesNamedIn(readFileSync(join(root, file), 'utf8')).map((name) => `${file} ${name}`),
  );
  expect(found.sort()).toEqual(Object.keys(otherWords).sort());
});

test('none has the name by which cloud.yaml means all others', () => {
  expect(names).not.toContain(OTHERS);
});

test('what Gantry goes by is given by the catalogue, and is of processes that are there', () => {
  const { desired, declared } = renderCloud(services);
  const { identity, frontDoor, openstackClient, hypervisor, compute } = desired;
  const processOf = (wanted: string | undefined) => desired.processes.find(({ name }) => name === wanted);
  expect(processOf(identity?.process)?.ports.map(({ port }) => port)).toContain(identity?.port);
  const given = [
    frontDoor,
    openstackClient,
    hypervisor?.process,
    compute?.metadata.process,
    ...Object.values(compute?.logs ?? {}).flat(),
    ...declared.wires.map(({ process }) => process),
  ];
  expect(given.filter((name) => !processOf(name))).toEqual([]);
});

test('names are found in strings, and not in what is said of them', () => {
  expect(processesNamedIn("connect('keystone-api', 5000)")).toEqual(['keystone-api']);
  expect(processesNamedIn('after: ["process:libvirt"]')).toEqual(['libvirt']);
  expect(processesNamedIn('/** Such as `nova-api`, which `gantry logs nova-api` shows. */')).toEqual([]);
});
