import type { Found, ServicePurge } from '../../src/openstack/purge.ts';
import type { Session } from '../../src/openstack/session.ts';
import { isMeasured, listAlarms, removeAlarm, removeMeasured } from '../../src/openstack/telemetry.ts';

async function alarms(admin: Session, projectId?: string): Promise<Found[]> {
  const found = await listAlarms(admin, projectId);
  return found.map(({ alarm_id: id, name, project_id }) => ({ id, name, project_id }));
}

export default {
  layer: 'resources',
  kinds: [
    { what: 'alarm', list: (admin) => alarms(admin), listOf: alarms, remove: removeAlarm },
    {
      what: 'measures of a project',
      // Services have some as well, that belong to no user.
      list: async () => [],
      listOf: async (admin, projectId) =>
        (await isMeasured(admin, projectId)) ? [{ id: projectId, project_id: projectId }] : [],
      remove: removeMeasured,
    },
  ],
} satisfies ServicePurge;
