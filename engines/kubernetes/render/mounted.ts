import type { V1Volume, V1VolumeMount } from '../api/library.ts';

/** A volume of a pod, and where its container mounts it. */
export interface Mounted {
  volume: V1Volume;
  mount: V1VolumeMount;
}
