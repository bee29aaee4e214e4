import {
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
} from '@kubernetes/client-node';

export interface Watch<T extends KubernetesObject> {
  path: string;
  list(): Promise<KubernetesListObject<T>>;
  /** All objects that there are have been reported. */
  complete?(): void;
  /** `object` is undefined where it was deleted. */
  change(key: string, object: T | undefined): void;
  onError(error: unknown): void;
}

/** Reports every object of a kind, now and whenever it changes, for as long as the process lives. */
export function watch<T extends KubernetesObject>(kubeconfig: KubeConfig, options: Watch<T>): void {
  const informer = makeInformer(kubeconfig, options.path, options.list);
  const keyOf = ({ metadata }: T) =>
    metadata?.namespace ? `${metadata.namespace}/${metadata.name}` : `${metadata?.name}`;
  const start = (): void => {
    informer.start().then(() => options.complete?.(), retry);
  };
  const retry = (error: unknown): void => {
    options.onError(error);
    setTimeout(start, 1000);
  };
  informer.on('add', (object) => options.change(keyOf(object), object));
  informer.on('update', (object) => options.change(keyOf(object), object));
  informer.on('delete', (object) => options.change(keyOf(object), undefined));
  informer.on('error', retry);
  start();
}
