import type { Readable, Writable } from 'node:stream';
import { GantryError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import type { Desired, DesiredImage } from '../model/desired.ts';
import type { NodeRole } from '../model/node-role.ts';
import type { Observed, ObservedInstance, ObservedNode } from '../model/observed.ts';
import type { Task } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
import type { Job } from '../model/workload.ts';
import type { Plan, Step, StepOf } from '../plan/step.ts';

/** Where the content of databases is kept between runs and clouds, by name; it holds no secret. */
export interface SchemaStore {
  read(name: string): Promise<Buffer | undefined>;
  write(name: string, content: Buffer): Promise<void>;
}

/** The cloud that a task is run in. */
export interface TaskCloud {
  desired: Desired;
  /** Reaches a port of a process of the cloud. */
  connect(process: string, port: number): Promise<Connection>;
}

/** What every engine is made with; work that is not an engine's own is passed in. */
export interface EngineOptions {
  buildImage(image: DesiredImage, context: StepContext): Promise<void>;
  runTask(task: Task, context: StepContext, cloud: TaskCloud): Promise<void>;
  /** Where the whole output of failed jobs is kept. */
  stateDirectory: string;
  /** What schema jobs made, for the next cloud. */
  schemas: SchemaStore;
  clock: Clock;
}

/** What an executor may use while it runs one step. */
export interface StepContext {
  signal: AbortSignal;
  /** Says what is being waited for, in words. */
  waiting(reason: string): void;
  progress(done: number, total: number | undefined, unit: 'bytes' | 'steps', text?: string): void;
  log(line: string): void;
}

/** Does one step; rejects where it failed. */
export type Execute = (step: Step, context: StepContext) => Promise<void>;

/** An executor for each kind of step that an engine plans; one missing does not compile. */
export type ExecutorsOf<Args> = {
  [Kind in keyof Args]: (step: StepOf<Args, Kind>, context: StepContext) => Promise<void>;
};

export interface ExecOptions {
  user?: string;
  stdin?: Readable | string;
  stdout?: Writable;
  stderr?: Writable;
  tty?: boolean;
  environment?: Record<string, string>;
  signal?: AbortSignal;
}

export interface OnceOptions {
  stdout?: Writable;
  stderr?: Writable;
  signal?: AbortSignal;
}

export interface LogOptions {
  follow: boolean;
  /** Seconds since the epoch, or undefined for all. */
  since?: number;
  tail?: number;
  signal?: AbortSignal;
  onLine(line: { process: string; ordinal: number; at: string; text: string }): void;
  /** An instance on a node that does not answer, whose output is left out. */
  onOutOfReach?(instance: { process: string; node: string }): void;
}

/** Where Gantry itself reaches a port of a process, with a function to give the way back. */
export interface Connection {
  host: string;
  port: number;
  close(): Promise<void>;
}

/** What rendering must know of an engine before anything is desired of it. */
export interface EngineFacts {
  /** Cores of the smallest node that control processes run on. */
  cores: number;
  /** Nodes that control processes run on. */
  controlNodes: number;
  /** Names of the nodes with the role network; empty where none has it, or the engine knows no roles. */
  networkNodes: string[];
  /** Where users reach the front door when cloud.yaml does not say: the first is named in the catalogue. */
  publicAddresses: string[];
  /** It makes the external network's gateway, an address of this machine, where the switch has no interface for that. */
  hasExternalGateway: boolean;
  /** What makes a process's name complete for resolvers that know no search domains; empty or with a leading dot. */
  domain: string;
  /**
   * What follows the name PROCESS-ORDINAL of a single instance to make it complete, with `{process}` in it for the
   * process. Undefined where an engine gives instances no volumes and addresses of their own: processes that form
   * clusters are single there.
   */
  instanceDomain: string | undefined;
  /** IPv4 addresses of name servers that guests can ask; empty where the engine knows none. */
  nameServers: string[];
}

export interface PlanOptions {
  /** Take over fields that others claim, where the engine knows of such claims. */
  force?: boolean;
}

/** An object that an engine keeps for a cloud. */
export interface RenderedObject {
  /** What it is called, and what kind of object of which API it is. */
  ref: {
    apiVersion: string;
    kind: string;
    /** Undefined for what belongs to no cloud alone. */
    namespace: string | undefined;
    name: string;
  };
  /** As the engine's API takes it. May hold secrets: never printed. */
  manifest: object;
}

export interface RoleChange {
  add?: readonly NodeRole[];
  remove?: readonly NodeRole[];
}

/** What engines with several nodes let be done with them. */
export interface NodeControl {
  list(): Promise<ObservedNode[]>;
  /**
   * Gives a node what it needs before it has a role, and with it processes: where the cloud keeps its images itself,
   * the one that it takes all others with. What the cloud had on it when it was lost and drained is removed. Throws
   * `node.not-seeded`, and `node.not-clean` or `node.lost`.
   */
  prepare(node: string, desired: Desired, context: StepContext): Promise<void>;
  /** Gives a node roles, and takes others away. Throws `node.unknown` with the nearest valid name. */
  changeRoles(node: string, change: RoleChange): Promise<void>;
  /** Addresses by which other nodes reach a node; none where there is no such node. */
  addresses(node: string): Promise<string[]>;
  /**
   * Runs the farewells of the cloud's processes on a node, takes its roles away, waits until they are gone, and
   * removes what they kept there. What belongs to the role control stays, with the role. Resolves to false where the
   * node is lost: they end when it is back. Throws `node.not-left` and `node.not-clean`.
   */
  release(node: string, desired: Desired, context: Pick<StepContext, 'signal' | 'waiting'>): Promise<boolean>;
}

/** What a folder in engines/ provides. */
export interface Engine {
  name: 'docker' | 'kubernetes';
  /** What rendering must know of the engine and its nodes. */
  facts(): Promise<EngineFacts>;
  /** Snapshot of what runs. `desired` limits which files are read back for saying what changed. */
  observe(desired: Pick<Desired, 'cloud' | 'ledger'> & Partial<Desired>): Promise<Observed>;
  /**
   * The cloud with what the engine itself makes each process with, such as addresses of others: what runs is compared
   * with this. See Process.surroundings.
   */
  complete(desired: Desired): Promise<Desired>;
  /** The steps from what there is to what is desired; changes nothing. */
  plan(desired: Desired, options: PlanOptions): Promise<Plan>;
  /** All objects that the engine would keep for the cloud; undefined where it keeps none. Jobs come and go, and are not in it. */
  render?(desired: Desired): Promise<RenderedObject[]>;
  /** The steps that remove the cloud: all but its data, or all. */
  planDown(desired: Desired, options: { volumes: boolean }): Promise<Plan>;
  /** Does the steps of a plan for what is desired. */
  executor(desired: Desired): Execute;
  /** Runs a command in an instance of the process; resolves to its exit code. */
  exec(cloud: string, process: string, command: string[], options: ExecOptions): Promise<number>;
  /**
   * Runs a job that is no part of what is desired, and removes its container with all it held, also after an abort;
   * resolves to its exit code. One of the same name that an interrupted command left is removed before. Throws
   * `job.timeout` where its time is over.
   */
  runOnce(desired: Desired, job: Job, options: OnceOptions): Promise<number>;
  /** What these instances of the cloud use now; those that do not run are passed over. */
  readUsage(cloud: string, instances: readonly ObservedInstance[]): Promise<Usage>;
  logs(cloud: string, processes: string[], options: LogOptions): Promise<void>;
  connect(cloud: string, process: string, port: number): Promise<Connection>;
  /** Undefined where there is only one. */
  nodes?: NodeControl;
}

/** Finds the executor of each step by its kind. Throws `step.no-executor` for a step that another engine planned. */
export function executorOf<Args>(executors: ExecutorsOf<Args>): Execute {
  return async (step, context) => {
    const execute = (executors as Record<string, Execute>)[step.kind];
    if (!execute) {
      throw new GantryError({
        code: 'step.no-executor',
        whose: 'bug',
        message: `This engine cannot ${step.kind}`,
      });
    }
    await execute(step, context);
  };
}
