import type { Plan } from '../plan/step.ts';
import { type Caller, warn } from './caller.ts';
import { openCloud, refuseWithoutSecrets } from './cloud.ts';
import type { Configured } from './configured.ts';
import { foretell } from './forecast.ts';
import { checkHarm, refuseUnfit } from './machine.ts';
import { describeStopped, lookAtServers } from './servers.ts';

/** What `up` would do. `tell` gets it before what is said of servers that have stopped. */
export async function planCloud(
  configured: Configured,
  tell: (plan: Plan) => void,
  caller: Pick<Caller, 'emit'>,
): Promise<Plan> {
  const cloud = await openCloud(configured, {}, caller);
  await refuseWithoutSecrets(cloud);
  const looking = Promise.all([cloud.engine.plan(cloud.desired, {}), lookAtServers(cloud)]);
  // What stands in its way is told by the check first.
  looking.catch(() => undefined);
  refuseUnfit(cloud, await checkHarm(cloud));
  const [first, hypervisors] = await looking;
  const plan = await foretell(cloud, first);
  tell(plan);
  for (const line of describeStopped(hypervisors)) warn(cloud.emit, line);
  return plan;
}
