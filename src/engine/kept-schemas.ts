import { createHash } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Desired } from '../model/desired.ts';
import type { Job } from '../model/workload.ts';
import { hashOf } from '../plan/identity.ts';
import { referenceOf } from '../plan/jobs.ts';
import { timeLimit } from '../time-limit.ts';
import type { ExecOptions, SchemaStore, StepContext } from './engine.ts';
import { KeptOutput } from './output.ts';

/** Runs a command in an instance of the ledger's process; resolves to its exit code. */
export type LedgerExec = (command: string[], options: ExecOptions) => Promise<number>;

/** For one command of the database, in milliseconds. */
const LIMIT = 120_000;

/**
 * Brings about what a job makes of empty databases: loads what the same job made before, or has it run and keeps what
 * it made. Nothing is ever loaded into databases that hold something, and what goes wrong with the archive is left to
 * the job, which can do without.
 */
export class KeptSchemas {
  constructor(
    private readonly desired: Pick<Desired, 'images' | 'ledger' | 'processes'>,
    private readonly store: SchemaStore,
    private readonly exec: LedgerExec,
  ) {}

  /** `run` runs the job to its success; it is not called where what it makes was loaded. */
  async bring(job: Job, context: StepContext, run: () => Promise<void>): Promise<void> {
    const name = this.nameOf(job);
    if (!name || !(await this.areEmpty(job, context))) return run();
    const kept = await this.attempt(context, 'read', () => this.store.read(name));
    if (kept && (await this.load(job, kept, context))) return;
    await run();
    await this.attempt(context, 'kept', async () => this.store.write(name, await this.take(job, context)));
  }

  /** What depends on nothing but the image, the command and what it reads; undefined where a job leaves more behind. */
  private nameOf(job: Job): string | undefined {
    const { ledger, images, processes } = this.desired;
    const keeper = processes.find(({ name }) => name === ledger?.process);
    if (!job.schema || !ledger?.schemas || !keeper) return undefined;
    const content = hashOf({
      image: referenceOf(job, images),
      database: referenceOf(keeper, images),
      command: job.command,
      schema: job.schema,
      settings: settingsOf(job),
    });
    return `${job.name}-${content}.sql`;
  }

  private async areEmpty(job: Job, context: StepContext): Promise<boolean> {
    const state = await this.attempt(context, 'looked for', () => this.ask(job, 'state', [], context));
    return state?.toString().trim() === 'empty';
  }

  private async load(job: Job, content: Buffer, context: StepContext): Promise<boolean> {
    const sum = createHash('sha256').update(content).digest('hex');
    context.waiting(`the tables of ${job.schema?.databases.join(', ')} to be loaded`);
    const loaded = await this.attempt(context, 'loaded', () =>
      this.ask(job, 'load', [sum], context, content.toString()),
    );
    // What a load that failed has made goes before the job runs.
    if (!loaded) await this.areEmpty(job, context);
    return loaded !== undefined;
  }

  private take(job: Job, context: StepContext): Promise<Buffer> {
    return this.ask(job, 'take', [], context);
  }

  private async ask(
    job: Job,
    what: 'state' | 'take' | 'load',
    arguments_: string[],
    { signal }: StepContext,
    stdin?: string,
  ): Promise<Buffer> {
    const { user = '', schemas = [] } = this.desired.ledger ?? {};
    const [stdout, stderr] = [new KeptOutput(), new KeptOutput(65_536)];
    const command = [...schemas, what, ...arguments_, ...(job.schema?.databases ?? [])];
    const code = await this.exec(command, {
      user,
      stdout,
      stderr,
      signal: AbortSignal.any([signal, timeLimit(LIMIT)]),
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (code !== 0) throw new Error(stderr.text.trim() || `${command[0]} ${what} exited with code ${code}`);
    return stdout.bytes;
  }

  /** Undefined where it went wrong, which the log of the step says. */
  private async attempt<T>(
    context: StepContext,
    what: string,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      context.signal.throwIfAborted();
      context.log(`What the job makes could not be ${what}: ${messageOf(thrown)}`);
      return undefined;
    }
  }
}

/** Options that cloud.yaml sets in the files that the job reads. */
function settingsOf({ files }: Job): unknown {
  return files.flatMap(({ sections = {} }) =>
    Object.entries(sections).flatMap(([group, options]) =>
      Object.entries(options)
        .filter(([, { setting }]) => setting !== undefined)
        .map(([option, { value }]) => [group, option, value]),
    ),
  );
}
