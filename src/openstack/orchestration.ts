import { GantryError } from '../errors.ts';
import { hasStatus } from './errors.ts';
import { removeAt } from './resource.ts';
import type { Session } from './session.ts';
import { waitFor } from './wait.ts';

/** Stacks, by the API of Heat: https://docs.openstack.org/api-ref/orchestration/v1/ */

const SERVICE = 'orchestration';
const POLL_MS = 500;

export interface Stack {
  id: string;
  stack_name: string;
  /** Such as `CREATE_IN_PROGRESS`, `DELETE_FAILED`. */
  stack_status: string;
  stack_status_reason: string;
  outputs?: { output_key: string; output_value: unknown }[];
  /** Whose it is, in the list of all projects' stacks. */
  project?: string;
}

/** A stack in URLs: an administrator has those of all projects below its own. */
export type StackPath = `${string}/${string}`;

export function pathOf({ stack_name: name, id }: Pick<Stack, 'stack_name' | 'id'>): StackPath {
  return `${encodeURIComponent(name)}/${id}`;
}

/** Those of all projects but the ones that other stacks are made of, for administrators. */
export async function listAllStacks(admin: Session): Promise<Stack[]> {
  const query = { global_tenant: 'true' };
  return (await admin.request<{ stacks: Stack[] }>(SERVICE, 'GET', '/stacks', { query })).body.stacks;
}

/** Begins to make a stack; resolves to where it is. */
export async function createStack(
  session: Session,
  { name, template }: { name: string; template: object },
): Promise<StackPath> {
  const json = { stack_name: name, template };
  const { body } = await session.request<{ stack: { id: string } }>(SERVICE, 'POST', '/stacks', { json });
  return pathOf({ stack_name: name, id: body.stack.id });
}

export async function getStack(session: Session, path: StackPath): Promise<Stack> {
  return (await session.request<{ stack: Stack }>(SERVICE, 'GET', `/stacks/${path}`)).body.stack;
}

interface Waiting {
  limitMs: number;
  waiting?: (reason: string) => void;
}

/** Waits until what is done to a stack has come to its end. Throws `openstack.stack-failed` with Heat's reason. */
export async function waitForStack(
  session: Session,
  path: StackPath,
  { limitMs, waiting }: Waiting,
): Promise<Stack> {
  return waitFor<Stack>({
    failure: `stack ${path} was not complete`,
    limitMs,
    everyMs: POLL_MS,
    look: async () => {
      const stack = await getStack(session, path);
      if (stack.stack_status.endsWith('_FAILED')) throw stackFailed(stack);
      return stack.stack_status.endsWith('_COMPLETE')
        ? { done: stack }
        : { waiting: `the stack is ${stack.stack_status}` };
    },
    waiting,
    signal: session.signal,
    clock: session.clock,
  });
}

/** Removes a stack with all that it made. Says whether there was one. Throws `openstack.stack-failed`. */
export async function removeStack(session: Session, path: StackPath, waiting: Waiting): Promise<boolean> {
  if (!(await removeAt(session, SERVICE, `/stacks/${path}`))) return false;
  await waitForStack(session, path, waiting).catch((thrown) => {
    if (!hasStatus(thrown, 404)) throw thrown;
  });
  return true;
}

function stackFailed({ stack_name, stack_status, stack_status_reason }: Stack): GantryError {
  return new GantryError({
    code: 'openstack.stack-failed',
    whose: 'environment',
    message: `the stack ${stack_name} is ${stack_status}`,
    why: stack_status_reason,
    next: 'Look at "gantry openstack stack failures list", and at "gantry logs heat-engine".',
  });
}
