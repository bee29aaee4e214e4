import { useClusterCloud } from './cluster-cloud.ts';
import { testRotationOfNova } from './parts/rotation.ts';

/** New passwords on a real Kubernetes: nearly all of a service is replaced at once, on nodes that have other work. */
const cloud = useClusterCloud('kube-rotation');

testRotationOfNova(() => cloud().inTest());
