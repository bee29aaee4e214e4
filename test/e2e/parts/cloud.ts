import { expect, type TestContext } from 'vitest';
import { type Asked, type Asking, type DemoServer, describeFailures } from '../client.ts';
import { describe as describeResult, type Gantry, type Result } from '../gantry.ts';

/** The one cloud that the parts of the suite share; each leaves it as it found it. */
export interface CloudInTest {
  gantry: Gantry;
  demo: DemoServer;
  /** Why there is no demo, and no server can be logged in to: undefined where they can. */
  withoutServers?: string | undefined;
  /** What `up --demo` from nothing came to. */
  broughtUp: Result;
  /** Replaces cloud.yaml by what this engine needs, and these lines. */
  configure(lines?: string): Promise<void>;
  /** What the engine runs, by process: equal before and after means that nothing was restarted. */
  identities(): Promise<Record<string, string>>;
  /** Waits until no instance of any process is other than healthy. */
  waitUntilHealthy(limitMs: number): Promise<void>;
  /** Texts that are shown to more than the administrators of the cloud, by their place. */
  exposed(): Promise<Map<string, string>>;
}

/** Ends a test that needs a server, where none can be logged in to. */
export function needServers(
  { withoutServers }: Pick<CloudInTest, 'withoutServers'>,
  skip: TestContext['skip'],
): void {
  if (withoutServers !== undefined) skip(withoutServers);
}

/** Runs a command that must succeed. */
export async function expectDone(
  { gantry }: Pick<CloudInTest, 'gantry'>,
  ...args: string[]
): Promise<Result> {
  const result = await gantry.run(...args);
  expect(result.code, describeResult(['gantry', ...args], result)).toBe(0);
  return result;
}

/** Runs a command that must succeed while requests go on that must all be answered. */
export async function expectDoneWhileAsked(
  { gantry }: Pick<CloudInTest, 'gantry'>,
  asking: Asking,
  ...args: string[]
): Promise<void> {
  const ended = await gantry.run(...args).then(
    (result) => ({ code: result.code, text: describeResult(['gantry', ...args], result) }),
    (error: unknown) => ({ code: undefined, text: String(error) }),
  );
  const asked = await asking.stop();
  // What came of the requests may be why the command failed.
  expect(ended.code, `${describeFailures(asked.failures)}\n${ended.text}`).toBe(0);
  expectAnswered(asked);
}

/** What `gantry status` says of each instance. */
interface Shown {
  process: string;
  state: string;
  detail?: string;
}

/** The instances of a cloud where all are healthy, but for those that are only left to stop. */
export async function expectHealthy({ gantry }: Pick<CloudInTest, 'gantry'>): Promise<Shown[]> {
  const { code, stdout } = await gantry.run('status', '-o', 'json');
  const { processes }: { processes: Shown[] } = JSON.parse(stdout);
  const healthy = processes.filter(({ state }) => state === 'healthy');
  const others = processes.filter(({ state }) => state !== 'healthy' && state !== 'stopping');
  expect({ code, others }).toEqual({ code: 0, others: [] });
  return healthy;
}

/** Nothing failed, at ten requests a second. */
export function expectAnswered({ answers, failures, rate, slowest }: Asked): void {
  const speed = `${rate.toFixed(1)} a second, the slowest answer after ${slowest.toFixed(1)} s`;
  report(`${answers} requests answered during the change, ${speed}`);
  expect(failures.length, describeFailures(failures)).toBe(0);
  expect(rate).toBeGreaterThan(9);
}

/** A measured value, for whoever reads the log. */
export function report(text: string): void {
  process.stderr.write(`${text}\n`);
}
