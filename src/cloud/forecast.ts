import { GantryError } from '../errors.ts';
import type { ServiceForecast } from '../model/service-forecast.ts';
import type { Plan } from '../plan/step.ts';
import { loadBrought } from '../resolve/brought.ts';
import { askInstance } from './ask.ts';
import type { Cloud } from './cloud.ts';

/** Longest time that a service may take to answer, in milliseconds. */
const LIMIT = 20_000;

type Looked = Pick<Cloud, 'config' | 'desired' | 'engine' | 'look' | 'root' | 'services'>;

/**
 * The plan with what services that run know of their jobs in it. Throws `plan.refused` for a job that would refuse: the
 * steps before it would have been done by then.
 */
export async function foretell(cloud: Looked, plan: Plan): Promise<Plan> {
  const load = (name: string) => import(`../../catalogue/${name}/forecast.ts`);
  const all = await loadBrought<ServiceForecast>(cloud.root, cloud.services, 'forecast.ts', load);
  const told = await Promise.all(all.map((forecast) => ask(cloud, plan, forecast)));
  const texts = new Map(told.flatMap((one) => (one?.text ? [[one.step, one.text] as const] : [])));
  return {
    ...plan,
    steps: plan.steps.map((step) => {
      const text = texts.get(step.id);
      return text === undefined ? step : { ...step, cause: `${step.cause}: ${text}` };
    }),
  };
}

/** Undefined where the job does not run, or nobody is there to be asked. */
async function ask(
  { config, desired, engine, look }: Looked,
  plan: Plan,
  { job, process, command, input, read }: ServiceForecast,
): Promise<{ step: string; text: string } | undefined> {
  const step = plan.steps.find(({ id }) => id === `job.run ${job}`);
  const content = desired.jobs.find(({ name }) => name === job)?.files.find(({ path }) => path === input);
  if (!step || !content) return undefined;
  const { instances } = await look();
  const asked = instances.find(({ workload, state }) => workload === process && state === 'running');
  if (!asked) return undefined;
  const instance = `${process}.${asked.ordinal}`;
  const answer = await askInstance(engine, config.name, {
    instance,
    command,
    input: content.content,
    limitMs: LIMIT,
  });
  if (answer === undefined) return undefined;
  const { text, refused } = read(answer);
  if (refused === undefined) return { step: step.id, text };
  throw new GantryError({
    code: 'plan.refused',
    whose: 'user',
    message: `${job} would refuse, so nothing was begun`,
    why: refused,
  });
}
