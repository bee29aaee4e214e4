/** The workloads of a usual OpenStack service. What they wait for and connect to follows from their sections. */

import type { RenderContext } from '../../src/model/context.ts';
import { connectedHealth, httpHealth } from '../../src/model/health.ts';
import { job, process } from '../../src/model/make.ts';
import type { OfferName } from '../../src/model/offers.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { taking } from '../../src/model/take.ts';
import { type UserName, userOf, users } from '../../src/model/users.ts';
import {
  CONFIG_DIR,
  type HealthCheck,
  type Job,
  type JobPhase,
  jobPhases,
  type Process,
  type Ref,
  type RenderedFile,
} from '../../src/model/workload.ts';
import { auditParts, type Pipelines } from './audit.ts';
import { osloFile, osloJobFile } from './oslo-file.ts';
import { commonSections, databaseSection } from './sections.ts';
import { uwsgiCommand, uwsgiFile, type WsgiOptions } from './uwsgi.ts';

interface Common<Settings> {
  service: string;
  /** Of OpenStack's projects, where the service is several: by default the image, the user and the schema are named like it. */
  project?: string;
  /** The image, and the user that it runs as, where they are not named like the project or the service. */
  image?: string;
  user?: UserName;
  /** Name of its file of oslo.config, such as `nova.conf`. */
  config: string;
  /** What is in the file beside what is in every service's. */
  sections: (context: RenderContext<Settings>) => OsloSections[];
  /** Offers that it makes use of only when asked to, and does not wait for. */
  later?: readonly OfferName[];
}

interface ProcessInput<Settings> extends Common<Settings> {
  name: string;
  /** Files beside that of oslo.config. */
  files?: (context: RenderContext<Settings>) => RenderedFile[];
  /** What it waits for and connects to, beside the service's schema and what follows from its sections. */
  after?: readonly Ref[];
  reaches?: readonly string[];
  /** Seconds that it has to finish what is under way; 30 unless said. */
  graceSeconds?: number;
  more?: Partial<Process>;
}

function userNameOf(input: Pick<Common<never>, 'service' | 'project' | 'user'>): UserName {
  const user = input.user ?? input.project ?? input.service;
  if (!Object.hasOwn(users, user)) throw new Error(`${input.service} has no user ${user} in the images`);
  return user as UserName;
}

function common<Settings>(context: RenderContext<Settings>, input: ProcessInput<Settings>) {
  const {
    name,
    service,
    project = service,
    config,
    sections,
    files = () => [],
    after = [],
    reaches = [],
    graceSeconds = 30,
  } = input;
  const user = userNameOf(input);
  return {
    name,
    service,
    image: input.image ?? project,
    user: userOf(user),
    files: [
      osloFile(context, {
        name: config,
        process: name,
        gid: users[user],
        sections: [commonSections(context), ...sections(context)],
      }),
      ...files(context),
    ],
    update: 'rolling' as const,
    stop: { signal: 'SIGTERM' as const, graceSeconds },
    after: [`job:${project}-schema` as const, ...after],
    reaches: [...reaches],
  };
}

interface Api<Settings> extends ProcessInput<Settings> {
  /** Workers where cloud.yaml does not say; 1 unless said. */
  workers?: number;
  /** Where it answers, if no front end leads to it. */
  port?: number;
  wsgi: Omit<WsgiOptions, 'port' | 'workers' | 'gid'>;
  /** What the health check asks for; `/` unless said. */
  healthPath?: string;
  /** Where it is told who asks it for what, if anybody is to know: its sections name `pipelinesFile`. */
  pipelines?: Pipelines;
}

/**
 * An API, at the port of the front end that leads to it, if one does. It logs in to Keystone, and takes keys, when it is asked
 * something: it does not wait for its account unless `later` says so.
 */
export function apiProcess<Settings>(
  context: RenderContext<Settings>,
  { later = ['identity', 'keyManager'], ...api }: Api<Settings>,
): Process {
  const frontend = context.declared.frontends.find(({ process }) => process === api.name);
  const port = frontend ? (frontend.processPort ?? frontend.port) : api.port;
  if (port === undefined) throw new Error(`no front end leads to ${api.name}`);
  const make = (own: RenderContext<Settings>): Process => {
    const shared = common(own, api);
    const workers = own.workers(api.name, api.workers ?? 1);
    const gid = users[userNameOf(api)];
    const audit = api.pipelines ? auditParts(own, api.pipelines, gid) : { files: [], wsgi: {} };
    const extra = { ...api.wsgi.extra, ...audit.wsgi };
    return process({
      ...shared,
      command: uwsgiCommand,
      files: [...shared.files, ...audit.files, uwsgiFile({ ...api.wsgi, extra, port, workers, gid })],
      replicas: own.replicas(api.name),
      ports: [{ name: 'api', port }],
      health: httpHealth(port, api.healthPath),
      ...api.more,
    });
  };
  return taking(context, make, later);
}

interface Worker<Settings> extends ProcessInput<Settings> {
  /** What it is started as; its name unless said. */
  program?: string;
  /** How many where cloud.yaml does not say; as of any process unless said. */
  replicas?: number;
  /** Connected to the message broker unless said. */
  health?: HealthCheck;
}

/** A process that takes its work from the message broker. It takes keys when its work is about some. */
export function rpcWorker<Settings>(
  context: RenderContext<Settings>,
  { later = ['keyManager'], ...worker }: Worker<Settings>,
): Process {
  const { name, program = name, config } = worker;
  const make = (own: RenderContext<Settings>): Process =>
    process({
      ...common(own, worker),
      command: [program, '--config-file', `${CONFIG_DIR}/${config}`],
      replicas: own.replicas(name, worker.replicas),
      health: worker.health ?? connectedHealth(5672, 'the message broker'),
      ...worker.more,
    });
  return taking(context, make, later);
}

interface Schema<Settings> extends Omit<Common<Settings>, 'sections'> {
  /** The service's databases, by the group that says where each is. */
  databases: Record<string, string>;
  /** All that the command works on, where that is more. */
  names?: string[];
  /** Brings the schemas up to date, with the file as its argument; run again after it was cut off. */
  command: (file: string) => string[];
  /** What the command reads beside where the databases are. */
  sections?: Common<Settings>['sections'];
  /** What the content of the tables depends on beside (see Job.schema). */
  inputs?: (context: RenderContext<Settings>) => Record<string, string | number>;
  /** For one that does a part of it (see Job.phase). */
  phase?: JobPhase;
}

/** The job `SERVICE-schema`, or `PROJECT-schema`, which makes the tables of the service and brings them up to date. */
export function schemaJob<Settings>(context: RenderContext<Settings>, schema: Schema<Settings>): Job {
  const { service, project = service, config, databases, phase } = schema;
  const { names = Object.values(databases), sections = () => [] } = schema;
  const user = userNameOf(schema);
  const path = `${CONFIG_DIR}/${config}`;
  const command = schema.command(path);
  // A later phase finds the tables made. Without them it could do nothing: they stay, though they hold no row.
  const makesTables = phase === undefined || phase === 'expand';
  const name = makesTables ? `${project}-schema` : `${project}-schema-${phase}`;
  const make = (own: RenderContext<Settings>): Job =>
    job({
      name,
      service,
      image: schema.image ?? project,
      command: makesTables ? ['/usr/local/bin/update-schema', path, ...names, '--', ...command] : command,
      user: userOf(user),
      ...(phase ? { phase } : {}),
      ...(makesTables ? { schema: { databases: names, inputs: schema.inputs?.(own) ?? {} } } : {}),
      files: [
        osloJobFile(own, {
          name: config,
          job: name,
          gid: users[user],
          sections: [...sections(own), schemaSections(own, databases)],
        }),
      ],
    });
  return taking(context, make, schema.later);
}

interface PhasedSchema<Settings> extends Omit<Schema<Settings>, 'command' | 'phase'> {
  /** Those that the service has, `expand` among them; all unless said. */
  phases?: readonly JobPhase[];
  /** As Schema.command, for one phase. */
  command: (file: string, phase: JobPhase) => string[];
}

/**
 * For a service that two releases of may use the same schema: a job for each phase. `expand` is `SERVICE-schema`, which
 * processes wait for; the others are `SERVICE-schema-PHASE`.
 */
export function schemaJobs<Settings>(
  context: RenderContext<Settings>,
  { phases = jobPhases, command, ...schema }: PhasedSchema<Settings>,
): Job[] {
  return phases.map((phase) =>
    schemaJob(context, { ...schema, phase, command: (file) => command(file, phase) }),
  );
}

function schemaSections(context: RenderContext, databases: Record<string, string>): OsloSections {
  return Object.fromEntries(
    Object.entries(databases).map(([group, name]) => [
      group,
      databaseSection(context, name, { patient: true }),
    ]),
  );
}
