import { expect, test } from 'vitest';
import { wantedIdentity } from '../../../src/plan/identity.ts';
import { allKinds, resourceOf } from '../api/resources.ts';
import { renderBundles } from '../render/bundles.ts';
import { renderCleanPod } from '../render/clean.ts';
import { renderJobObjects } from '../render/job.ts';
import { cluster, renderDesiredCloud } from '../render/testing/cluster.ts';
import { neededRights } from './rights.ts';

test('rights are asked for to every kind that a cloud is made of, and to no other', async () => {
  const desired = await renderDesiredCloud({ config: { replicas: { 'nova-api': 3 } } });
  const objects = [
    ...renderBundles(desired, cluster).flatMap((bundle) => bundle.objects),
    ...desired.jobs.flatMap((job) => renderJobObjects(job, wantedIdentity(job, desired), desired, cluster)),
    renderCleanPod('node-1', desired, cluster),
  ];
  const made = [...new Set(objects.map(({ ref }) => ref.kind))];
  expect(allKinds().toSorted()).toEqual(made.toSorted());
  const created = neededRights(allKinds(), 'test', true).filter(
    ({ verb, resource }) => verb === 'create' && !resource.includes('/'),
  );
  expect(created.map(({ resource }) => resource).toSorted()).toEqual(
    made.map((kind) => resourceOf(kind).plural).toSorted(),
  );
});

test('the status of services is asked for only where a service is given addresses', () => {
  const onStatus = (addresses: boolean) =>
    neededRights(allKinds(), 'test', addresses).filter(({ resource }) => resource === 'services/status');
  expect(onStatus(true)).toEqual([
    { group: '', resource: 'services/status', verb: 'patch', namespace: 'test' },
  ]);
  expect(onStatus(false)).toEqual([]);
});

test('each right is asked for once', () => {
  const asked = neededRights(allKinds(), 'test', true).map((right) => JSON.stringify(right));
  expect(new Set(asked).size).toBe(asked.length);
});
