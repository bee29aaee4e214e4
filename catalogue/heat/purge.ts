import { listAllStacks, pathOf, removeStack, type StackPath } from '../../src/openstack/orchestration.ts';
import type { Found, ServicePurge } from '../../src/openstack/purge.ts';
import type { Session } from '../../src/openstack/session.ts';

const LIMIT_MS = 300_000;

async function list(admin: Session): Promise<Found[]> {
  const stacks = await listAllStacks(admin);
  return stacks.map((stack) => ({
    id: pathOf(stack),
    name: stack.stack_name,
    project_id: stack.project ?? '',
  }));
}

export default {
  layer: 'stacks',
  kinds: [
    {
      what: 'stack',
      list,
      listOf: list,
      remove: (admin, id) => removeStack(admin, id as StackPath, { limitMs: LIMIT_MS }),
    },
  ],
} satisfies ServicePurge;
