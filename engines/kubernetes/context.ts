import type { DesiredImage, Task } from '../../src/model/desired.ts';
import type { Connection, StepContext } from '../../src/model/engine.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects with the signal's reason when it is aborted meanwhile. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What cloud.yaml says that concerns this engine. */
export interface KubernetesSettings {
  cloud: string;
  namespace: string;
  /** Registry with an optional path, such as registry.example:5000/cloud; undefined where nodes have the images. */
  registry: string | undefined;
  storageClass: string | undefined;
  sharedStorageClass: string | undefined;
  /** In GiB by volume, where they are not to be the catalogue's. */
  volumeSizes: Record<string, number>;
  frontDoor: 'nodes' | 'loadBalancer';
}

/** What the engine is made with; work that is not the engine's own is passed in. */
export interface KubernetesEngineOptions {
  /** Where KUBECONFIG and HOME are looked up. */
  environment: NodeJS.ProcessEnv;
  /** Context of the kubeconfig; the current one where it is not given. */
  context: string | undefined;
  settings: KubernetesSettings;
  buildImage(image: DesiredImage, context: StepContext): Promise<void>;
  publishImage(image: DesiredImage, registry: string, context: StepContext): Promise<void>;
  /** Which of these references (such as gantry/nova:0123456789ab) the registry has. */
  listPublishedImages(references: readonly string[], registry: string): Promise<string[]>;
  /** References of images that are built on this machine; of none where it has no builder. */
  listBuiltImages(): Promise<string[]>;
  /** `connect` reaches a port of a process of this cloud. */
  runTask(
    task: Task,
    context: StepContext,
    connect: (process: string, port: number) => Promise<Connection>,
  ): Promise<void>;
  /** Where the whole output of failed jobs is kept. */
  stateDirectory: string;
  clock: Clock;
}
