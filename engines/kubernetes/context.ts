import type { EngineOptions, StepContext } from '../../src/engine/engine.ts';
import type { DesiredImage } from '../../src/model/desired.ts';
import type { ApiWarning } from './api/warnings.ts';

/**
 * How users reach the APIs: at addresses of the control nodes, at the same by the field `externalIPs`, or by a load
 * balancer of the cluster.
 */
export type FrontDoor = 'nodes' | 'externalIPs' | 'loadBalancer';

/** What cloud.yaml says that concerns this engine. */
export interface KubernetesSettings {
  cloud: string;
  namespace: string;
  /** Registry with an optional path, such as registry.example:5000/cloud; undefined where nodes have the images. */
  registry: string | undefined;
  storageClass: string | undefined;
  sharedStorageClass: string | undefined;
  /** Quantities by volume, where they are not to be the catalogue's. */
  volumeSizes: Record<string, string>;
  /** Names of secrets in the namespace, which are not Gantry's, by which nodes log in at the registry. */
  imagePullSecrets: readonly string[];
  frontDoor: FrontDoor;
}

export interface KubernetesEngineOptions extends EngineOptions {
  /** Where KUBECONFIG and HOME are looked up. */
  environment: NodeJS.ProcessEnv;
  /** Context of the kubeconfig; the current one where it is not given. */
  context: string | undefined;
  settings: KubernetesSettings;
  publishImage(image: DesiredImage, registry: string, context: StepContext): Promise<void>;
  /** A compressed archive of an image, under the name that it has in this registry. */
  saveImage(image: DesiredImage, registry: string): Promise<Buffer>;
  /**
   * Which of these references (such as gantry/nova:0123456789ab) the registry has; after http:// where it is known to
   * speak that.
   */
  listPublishedImages(references: readonly string[], registry: string): Promise<string[]>;
  /** References of images that are built on this machine; of none where it has no builder. */
  listBuiltImages(): Promise<string[]>;
  /** Is given what the API server warns of, once for each request that it warns of. */
  onWarning(warning: ApiWarning): void;
}
