import type { Desired } from '../../../src/model/desired.ts';
import type { Job } from '../../../src/model/workload.ts';
import type { Identity } from '../../../src/plan/identity.ts';
import type { V1Job } from '../api/library.ts';
import { jobName, Label } from '../names.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import type { ClusterFacts } from './cluster.ts';
import { renderConfig } from './config.ts';
import { desiredObject, type Manifest, workloadMetadata } from './object.ts';
import { renderPodTemplate } from './pod.ts';

/**
 * The Secret and the Job that run a job once, named by its content. A failure is not tried again: it is shown with what
 * the job said, and the next `up` runs it again.
 */
export function renderJobObjects(
  job: Job,
  identity: Identity,
  desired: Desired,
  cluster: ClusterFacts,
): DesiredObject[] {
  const input = { desired, cluster };
  const metadata = workloadMetadata(input, job, jobName(job.name, identity.identity));
  const manifest: V1Job & Manifest = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels: { ...metadata.labels, [Label.identity]: identity.identity } },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: job.timeoutSeconds,
      template: renderPodTemplate(input, job, identity),
    },
  };
  return [...renderConfig(input, job), desiredObject(manifest)];
}
