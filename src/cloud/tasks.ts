import type { StepContext, TaskCloud } from '../engine/engine.ts';
import { administrator } from '../model/cloud-users.ts';
import type { TakenByGantry } from '../model/desired.ts';
import type { Task, TaskAction, TaskActions, TaskType } from '../model/task.ts';
import { registerInKeystone } from '../openstack/registrations.ts';
import { openInternalSession } from './internal-session.ts';
import { taken } from './taken.ts';

/** What tasks are run with. */
export interface TaskContext extends Pick<StepContext, 'signal' | 'log'>, Pick<TaskCloud, 'connect'> {
  desired: TakenByGantry;
  region: string;
  /** Value of a secret by name. */
  password: (name: string) => string;
}

type TaskExecutor<T extends TaskType> = (action: TaskActions[T], context: TaskContext) => Promise<void>;

/** One for each type of task; one missing does not compile. */
const executors: { [T in TaskType]: TaskExecutor<T> } = {
  'identity.register': async (action, { desired, connect, region, password, signal, log }) => {
    const identity = taken(desired, 'identity');
    const connection = await connect(identity.process, identity.port);
    try {
      const session = await openInternalSession({
        authUrl: identity.url,
        region,
        password: password(administrator.secret),
        route: async () => connection,
        signal,
      });
      for (const change of await registerInKeystone(session, { ...action, region, passwords: password })) {
        log(change);
      }
    } finally {
      await connection.close();
    }
  },
};

export async function runTask({ action }: Task, context: TaskContext): Promise<void> {
  // TypeScript does not see that both halves are of the same type.
  const execute = executors[action.type] as (action: TaskAction, context: TaskContext) => Promise<void>;
  await execute(action, context);
}
