import type { StepContext } from '../../../src/engine/engine.ts';
import type { KeptSchemas } from '../../../src/engine/kept-schemas.ts';
import type { Desired, DesiredImage } from '../../../src/model/desired.ts';
import type { Job } from '../../../src/model/workload.ts';
import type { Identity } from '../../../src/plan/identity.ts';
import type { ClusterApi } from '../api/client.ts';
import type { KubernetesEngineOptions } from '../context.ts';
import type { CloudScope } from '../observe/live.ts';
import type { Snapshots } from '../observe/snapshots.ts';
import type { DesiredObject } from '../plan/bundle.ts';

/** What the executors of one run share. */
export interface RunContext {
  options: KubernetesEngineOptions;
  desired: Desired;
  api: ClusterApi;
  scope: Pick<CloudScope, 'cloud' | 'namespace'>;
  /** With what the API server serves. */
  readScope(): Promise<CloudScope>;
  snapshots: Snapshots;
  renderJob(job: Job, identity: Identity): Promise<DesiredObject[]>;
  /** The pod that removes what the cloud kept on a node, but for what these processes keep. */
  renderCleanPod(node: string, staying?: ReadonlySet<string>): Promise<DesiredObject>;
  /** Whether the registry says that it does not have an image that nodes take; false where it does not say. */
  isMissing(image: string): Promise<boolean>;
  /** A compressed archive of an image that nodes are to have; read once a run. */
  saveImage(image: DesiredImage): Promise<Buffer>;
  schemas: KeptSchemas;
  /** Stores that jobs or tasks succeeded. */
  record(entries: Record<string, string>, context: StepContext): Promise<void>;
}
