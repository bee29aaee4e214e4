import { hasStatus } from './errors.ts';
import { removeAt } from './resource.ts';
import type { Session } from './session.ts';

/**
 * What is measured, by the API of Gnocchi, and alarms on it, by that of Aodh:
 * https://docs.openstack.org/aodh/latest/contributor/webapi/, and `rest` in Gnocchi's own documentation.
 */

const MEASURES = 'metric';
const ALARMS = 'alarming';

/** Seconds of the period that measures are put together over which all archive policies have that are used here. */
export const PERIOD_SECONDS = 60;

/** When its period begins, in ISO 8601; how many seconds that has; and what the measures in it come to. */
type Aggregate = [begins: string, seconds: number, value: number];

export interface Alarm {
  alarm_id: string;
  name: string;
  project_id: string;
  state: 'ok' | 'alarm' | 'insufficient data';
  state_reason?: string;
}

/** A metric of nobody but the user, kept by the archive policy of this name; resolves to its id. */
export async function createMetric(session: Session, archivePolicy: string): Promise<string> {
  const json = { archive_policy_name: archivePolicy };
  return (await session.request<{ id: string }>(MEASURES, 'POST', '/v1/metric', { json })).body.id;
}

export async function addMeasure(session: Session, metric: string, at: Date, value: number): Promise<void> {
  const json = [{ timestamp: at.toISOString(), value }];
  await session.request(MEASURES, 'POST', `/v1/metric/${metric}/measures`, { json });
}

/** What has been measured, with what is still to be worked in. */
export async function readMetric(session: Session, metric: string): Promise<Aggregate[]> {
  const query = { refresh: true, granularity: PERIOD_SECONDS };
  const path = `/v1/metric/${metric}/measures`;
  return (await session.request<Aggregate[]>(MEASURES, 'GET', path, { query })).body;
}

/** What has been measured of a server so far; undefined where it has no such metric yet. */
export async function readServerMetric(
  session: Session,
  server: string,
  metric: string,
): Promise<Aggregate[] | undefined> {
  const path = `/v1/resource/instance/${server}/metric/${metric}/measures`;
  try {
    return (await session.request<Aggregate[]>(MEASURES, 'GET', path)).body;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

export async function removeMetric(session: Session, metric: string): Promise<boolean> {
  return removeAt(session, MEASURES, `/v1/metric/${metric}`);
}

/** Whether anything of a project has been measured. */
export async function isMeasured(admin: Session, projectId: string): Promise<boolean> {
  const { body } = await admin.request<unknown[]>(MEASURES, 'POST', '/v1/search/resource/generic', {
    json: ofProject(projectId),
    query: { limit: 1 },
  });
  return body.length > 0;
}

/** Removes all that was measured of a project; says whether there was anything. */
export async function removeMeasured(admin: Session, projectId: string): Promise<boolean> {
  const { body } = await admin.request<{ deleted: number }>(MEASURES, 'DELETE', '/v1/resource/generic', {
    json: ofProject(projectId),
  });
  return body.deleted > 0;
}

function ofProject(projectId: string) {
  return { '=': { project_id: projectId } };
}

/** An alarm for the case that the mean of a metric is above a value for one period. */
export async function createAlarm(
  session: Session,
  { name, metric, above }: { name: string; metric: string; above: number },
): Promise<string> {
  const type = 'gnocchi_aggregation_by_metrics_threshold';
  const json = {
    name,
    type,
    [`${type}_rule`]: {
      metrics: [metric],
      aggregation_method: 'mean',
      comparison_operator: 'gt',
      threshold: above,
      granularity: PERIOD_SECONDS,
      evaluation_periods: 1,
    },
  };
  return (await session.request<Alarm>(ALARMS, 'POST', '/v2/alarms', { json })).body.alarm_id;
}

export async function getAlarm(session: Session, id: string): Promise<Alarm> {
  return (await session.request<Alarm>(ALARMS, 'GET', `/v2/alarms/${id}`)).body;
}

/** Those of a project, or of all, for administrators. */
export async function listAlarms(admin: Session, projectId?: string): Promise<Alarm[]> {
  const [field, value] = projectId === undefined ? ['all_projects', 'true'] : ['project_id', projectId];
  const query = { 'q.field': field, 'q.op': 'eq', 'q.value': value };
  return (await admin.request<Alarm[]>(ALARMS, 'GET', '/v2/alarms', { query })).body;
}

export async function removeAlarm(session: Session, id: string): Promise<boolean> {
  return removeAt(session, ALARMS, `/v2/alarms/${id}`);
}
