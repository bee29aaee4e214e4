import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { wantedIdentity } from '../../../src/plan/identity.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { renderBundles } from './bundles.ts';
import { renderCleanPod } from './clean.ts';
import { renderJobObjects } from './job.ts';
import { type AnyManifest, cluster, renderDesiredCloud } from './testing/cluster.ts';

/**
 * What becomes of each process of the catalogue. Contents are left out, and hashes of them: an option that changes is
 * no change here. After an intended change: npx vitest run --project unit engines/kubernetes/render/golden.test.ts -u
 */
const desired = await renderDesiredCloud({ config: { replicas: { 'nova-api': 3 } } });
const inPlace = await renderDesiredCloud({}, ['swift', 'registry']);
const common = renderBundles(desired, cluster);
const isOther = ({ name }: { name: string }) => common.every((bundle) => bundle.name !== name);
/** With those of what is in the place of another. */
const bundles = [...common, ...renderBundles(inPlace, cluster).filter(isOther)];

test.each(bundles.map((bundle) => [bundle.name, bundle.objects] as const))('%s', (name, objects) =>
  expect(toYaml(objects)).toMatchFileSnapshot(`golden/${name}.yaml`),
);

test.each(desired.jobs)('job $name', (job) =>
  expect(toYaml(renderJobObjects(job, wantedIdentity(job, desired), desired, cluster))).toMatchFileSnapshot(
    `golden/job-${job.name}.yaml`,
  ),
);

test('the pod that cleans a node', () =>
  expect(toYaml([renderCleanPod('node-1', desired, cluster)])).toMatchFileSnapshot('golden/clean.yaml'));

test('the pod that cleans a node on which others stay removes what those that left kept', () => {
  const others = desired.processes.filter(({ service }) => service !== 'openvswitch');
  const staying = new Set(others.map(({ name }) => name));
  const pod = toYaml([renderCleanPod('node-1', desired, cluster, staying)]);
  expect([...pod.matchAll(/- (\/mnt\/.*)/g)].map(([, path]) => path)).toEqual([
    '/mnt/run/gantry/test/openvswitch-run',
    '/mnt/var/lib/gantry/test/openvswitch',
  ]);
});

function toYaml(objects: readonly DesiredObject[]): string {
  const documents = objects.map(({ manifest }) =>
    stringify(withoutContent(manifest), { aliasDuplicateObjects: false, lineWidth: 0 }),
  );
  return documents.join('---\n').replaceAll(/\b[0-9a-f]{12}\b/g, '<hash>');
}

function withoutContent(manifest: AnyManifest): object {
  if (manifest.kind !== 'Secret') return manifest;
  return { ...manifest, data: Object.keys(manifest.data) };
}
