import type { SecretRotation, ServiceOperations } from '../../src/model/operation.ts';
import { URL_KEY } from './names.ts';

/** Swift takes two keys of a container: https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html */
const urlKey: SecretRotation = {
  name: 'image-urls',
  summary: 'the key that signs temporary URLs of images in Swift',
  secret: URL_KEY,
  there: 'images.stores of cloud.yaml names swift',
  description: `A new key that temporary URLs of images in Swift are signed with.

1. Swift is given the new key beside the one in use.
2. URLs are signed with the new one.

The one in use stays valid until this is run again: so do URLs that it has signed, for their time. The one before it, if there
is one, is valid no more.`,
  outcome: 'Temporary URLs of images are signed with a new key.',
};

export default { rotations: [urlKey] } satisfies ServiceOperations;
