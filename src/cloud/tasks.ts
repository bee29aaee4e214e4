import type { Connection, StepContext } from '../engine/engine.ts';
import { administrator } from '../model/cloud-users.ts';
import type { Task, TaskAction, TaskActions, TaskType } from '../model/task.ts';
import { registerInKeystone } from '../openstack/registrations.ts';
import { openInternalSession } from './internal-session.ts';

/** What tasks are run with. */
export interface TaskContext extends Pick<StepContext, 'signal' | 'log'> {
  region: string;
  /** Value of a secret by name. */
  password: (name: string) => string;
  /** Reaches a port of a process of the cloud. */
  connect: (process: string, port: number) => Promise<Connection>;
}

type TaskExecutor<T extends TaskType> = (action: TaskActions[T], context: TaskContext) => Promise<void>;

/** One for each type of task; one missing does not compile. */
const executors: { [T in TaskType]: TaskExecutor<T> } = {
  'keystone.register': async (action, { connect, region, password, signal, log }) => {
    const connection = await connect('keystone-api', 5000);
    try {
      const session = await openInternalSession({
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
