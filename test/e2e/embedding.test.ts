import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findImage, loadImageGraph } from '../../src/images/graph.ts';
import { projectRoot } from '../../src/root.ts';
import type { StampedEvent } from '../../src/run/events.ts';
import { client, cloud, useDockerCloud } from './docker-cloud.ts';
import { describe as describeResult, start } from './gantry.ts';
import { importTinyImage } from './tiny-image.ts';

useDockerCloud();

/** The project as it is, but for its catalogue: the smallest one that makes a cloud. */
let project: string;
let states: string;
let image: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'gantry-embedding-'));
  states = join(project, 'states');
  const root = projectRoot();
  for (const name of ['package.json', 'src', 'engines', 'examples']) {
    await cp(join(root, name), join(project, name), { recursive: true });
  }
  await cp(join(root, 'test/embedded'), join(project, 'catalogue/embedded'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await writeFile(
    join(project, 'cloud.yaml'),
    `name: ${cloud}
network:
  internal: 10.213.28.0/24
  external: {subnet: 10.213.29.0/24}
  tenant: {subnet: 10.213.30.0/24}
`,
  );
  image = findImage(await loadImageGraph(project), 'embedded').reference;
  await importTinyImage(client.docker, image);
});

afterAll(async () => {
  await client.docker.getImage(image).remove({ force: true });
  await rm(project, { recursive: true });
});

/** Runs examples/embed.ts there; what it wrote to its terminal fails the test. */
async function embed(events: string): Promise<StampedEvent[]> {
  const args = ['--import', 'tsx', 'examples/embed.ts', 'cloud.yaml', events];
  const environment = { GANTRY_STATE: states };
  const result = await start(process.execPath, args, { cwd: project, environment, limitMs: 180_000 })
    .finished;
  const text = await readFile(join(project, events), 'utf8');
  expect(result, `${describeResult(args, result)}\n${text}`).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  });
  return linesOf(text);
}

const linesOf = (text: string): StampedEvent[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a script brings a cloud up, has every event as data, and writes nothing to its terminal', async () => {
  const events = await embed('events.jsonl');
  expect(events[0]).toMatchObject({ type: 'command.started', command: 'gantry up', cloud });
  expect(events.at(-1)).toMatchObject({ type: 'command.finished', result: 'done', run: events[0]?.run });

  const steps = events.flatMap((event) => (event.type === 'run.started' ? event.steps : []));
  const ids = steps.map(({ id }) => id).sort();
  expect(steps.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['network.create', 'job.run']));
  for (const type of ['step.started', 'step.finished'] as const) {
    expect(events.flatMap((event) => (event.type === type ? event.id : [])).sort()).toEqual(ids);
  }
  const [record = ''] = await readdir(join(states, cloud, 'runs'));
  const kept = linesOf(await readFile(join(states, cloud, 'runs', record), 'utf8'));
  expect(events).toEqual(expect.arrayContaining(kept));

  const containers = await client.docker.listContainers({ filters: { name: [`${cloud}-`] } });
  expect(containers.map(({ State }) => State)).toEqual(['running', 'running']);
});

test('and finds nothing to do when it is run again', async () => {
  const events = await embed('again.jsonl');
  expect(events.map(({ type }) => type)).not.toContain('run.started');
  expect(events.at(-1)).toMatchObject({ type: 'command.finished', result: 'done' });
});
