import type { Collection, ServiceOperations } from '../../src/model/operation.ts';
import { CONFIG_FILE, PROCESS } from './names.ts';

const common = {
  process: PROCESS,
  listsObjects: true as const,
  meanwhile: { registry: { readOnly: true } },
  outcome: describeRemoved,
};

/** By docker-registry's own command: https://distribution.github.io/distribution/about/garbage-collection/ */
const layers: Collection = {
  ...common,
  name: 'image-layers',
  summary: 'layers that no image of the registry has',
  description: 'Layers that no image has will be removed. Until then images can be pulled, not pushed.',
  command: ['docker-registry', 'garbage-collect', CONFIG_FILE],
};

const untagged: Collection = {
  ...common,
  name: 'untagged-images',
  summary: 'images of the registry without a tag, and layers that no other image has',
  description:
    'Images without a tag, which are pulled by their digest alone, and layers that no other image has will be removed. Until then images can be pulled, not pushed.',
  command: ['docker-registry', 'garbage-collect', '--delete-untagged', CONFIG_FILE],
};

export default { collections: [layers, untagged] } satisfies ServiceOperations;

/** The collection names each layer and manifest that it removes. */
function describeRemoved(output: string): string {
  const removed = output.split('\n').filter((line) => line.startsWith('blob eligible for deletion')).length;
  return removed === 0 ? 'There was nothing to remove.' : `${removed} layers and manifests were removed.`;
}
