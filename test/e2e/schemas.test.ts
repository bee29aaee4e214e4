import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerClient } from '../../engines/docker/client.ts';
import { createDockerEngine } from '../../engines/docker/engine.ts';
import type { Engine, SchemaStore } from '../../src/engine/engine.ts';
import { KeptOutput } from '../../src/engine/output.ts';
import { loadImageGraph } from '../../src/images/graph.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ledgerOf } from '../../src/model/ledger.ts';
import { type Release, releases } from '../../src/model/releases.ts';
import type { Job, Ref } from '../../src/model/workload.ts';
import { systemClock } from '../../src/openstack/clock.ts';
import type { Plan } from '../../src/plan/step.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../contract/cloud.ts';
import { sqlClient } from './database.ts';
import { outputOf, perform } from './workloads.ts';

const name = `gantry-schemas-${process.pid}`;
const fakeSecret = (secret: string) => `value-of-${secret}`;

describe.each(releases)('what the schema jobs of $name make', (release) => {
  let engine: Engine;
  let desired: Desired;
  let directory: string;
  let kept: Map<string, Buffer>;
  let lines: string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), `${name}-`));
    kept = new Map();
    const schemas: SchemaStore = {
      read: async (file) => kept.get(file),
      write: async (file, content) => void kept.set(file, content),
    };
    engine = createDockerEngine({
      client: await createDockerClient(process.env),
      buildImage: () => Promise.reject(new Error('the images are built before')),
      runTask: () => Promise.reject(new Error('there are no tasks')),
      stateDirectory: directory,
      schemas,
      clock: systemClock,
    });
    desired = await databaseAndSchemas(release);
  });

  afterAll(async () => {
    if (engine) await bring(await engine.planDown(desired, { volumes: true }));
    if (directory) await rm(directory, { recursive: true });
  });

  async function bring(plan: Plan): Promise<void> {
    lines = [];
    await perform(engine, plan, desired, {
      emit: (event) => {
        if (event.type === 'step.log') lines.push(event.line);
      },
      signal: AbortSignal.timeout(300_000),
    });
  }

  async function up(): Promise<void> {
    await bring(await engine.plan(desired, {}));
    expect(lines).toEqual([]);
    expect((await engine.plan(desired, {})).steps).toEqual([]);
  }

  /** What each job's databases hold, by the job. */
  async function held(): Promise<Record<string, string>> {
    const entries = desired.jobs.map(async (job) => {
      const output = new KeptOutput();
      const command = [...(ledgerOf(desired).schemas ?? []), 'take', ...databasesOf(job)];
      const options = { user: ledgerOf(desired).user, stdout: output };
      expect(await engine.exec(name, ledgerOf(desired).process, command, options)).toBe(0);
      return [job.name, output.text] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  const sql = (statement: string) =>
    outputOf(engine.exec, name, ledgerOf(desired).process, [...sqlClient, statement]);

  let made: Record<string, string>;

  test('is kept, without a secret, name or address of the cloud', async () => {
    await up();
    made = await held();
    expect([...kept.values()].map(String).sort()).toEqual(Object.values(made).sort());
    for (const content of Object.values(made)) {
      expect(content).toContain('CREATE TABLE');
      for (const word of ['value-of-', name, desired.publicAddress]) expect(content).not.toContain(word);
    }
  });

  test('is the same once it was loaded', async () => {
    await bring(await engine.planDown(desired, { volumes: true }));
    const before = new Map(kept);
    await up();
    expect(await held()).toEqual(made);
    expect(kept).toEqual(before);
  });

  test('is what they take for their own, and add nothing to', async () => {
    await sql('DELETE FROM gantry.ledger');
    kept.clear();
    await up();
    const uncounted = (all: Record<string, string>) =>
      Object.entries(all).map(([job, content]) => [job, content.replaceAll(/AUTO_INCREMENT=\d+ /g, '')]);
    expect(uncounted(await held())).toEqual(uncounted(made));
    // Nothing is kept of databases that held something before.
    expect(kept.size).toBe(0);
  });

  test('goes where a load of it was cut off', async () => {
    const job = desired.jobs.find(({ schema }) => (schema?.databases.length ?? 0) > 1) as Job;
    await sql(
      databasesOf(job)
        .map((database) => `CREATE TABLE ${database}.gantry_loading (nothing INT)`)
        .join(';'),
    );
    await sql(`DELETE FROM gantry.ledger WHERE name = '${job.name}'`);
    await up();
    const [content] = kept.values();
    expect(kept.size).toBe(1);
    expect(String(content)).not.toContain('gantry_loading');
    expect((await held())[job.name]?.match(/CREATE TABLE .*/g)).toEqual(
      made[job.name]?.match(/CREATE TABLE .*/g),
    );
  });
});

function databasesOf({ schema }: Job): string[] {
  return schema?.databases ?? [];
}

/** Of the whole catalogue only the database and the jobs whose result is data. */
async function databaseAndSchemas(release: Release): Promise<Desired> {
  const { desired } = renderCloud(await loadCatalogue(projectRoot()), {
    settings: { network: { internal: '10.214.28.0/24' } },
    facts: { cloud: name, release: release.name },
    secret: fakeSecret,
  });
  const { images } = await loadImageGraph(projectRoot(), release);
  const ledger = ledgerOf(desired);
  const here: Ref[] = [`process:${ledger.process}`];
  const processes = desired.processes.filter((one) => one.name === ledger.process);
  const jobs = desired.jobs
    .filter(({ schema }) => schema !== undefined)
    .map((job) => ({ ...job, after: here }));
  const used = new Set([...processes, ...jobs].map(({ image }) => image));
  return {
    ...desired,
    images: images
      .filter((image) => used.has(image.name))
      .map(({ name: own, hash, reference }) => ({ name: own, hash, reference, parents: [] })),
    networks: desired.networks.filter(({ role }) => role === 'internal'),
    volumes: processes.flatMap(({ volumes }) => volumes.map(({ volume }) => volume)),
    processes,
    jobs,
    tasks: [],
  };
}
