import { GantryError } from '../errors.ts';
import { administrator } from '../model/cloud-users.ts';
import { projects } from '../openstack/identity.ts';
import { type Image, listImages } from '../openstack/image.ts';
import { temporaryUrl } from '../openstack/object-store.ts';
import type { Caller } from './caller.ts';
import { openRunningCloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { findNamed } from './named.ts';
import { openPublicSession } from './session.ts';

/**
 * A URL by which whoever has it fetches the bytes of an image from Swift, for so many seconds. Throws `image-url.no-store`,
 * `image-url.not-there`, `image.unknown` or `image.ambiguous`.
 */
export async function makeImageUrl(
  configured: Configured,
  { image: wanted, seconds }: { image: string; seconds: number },
  caller: Caller,
): Promise<string> {
  const cloud = await openRunningCloud(configured, {}, caller);
  const urls = cloud.desired.imageStore;
  if (!urls) {
    throw new GantryError({
      code: 'image-url.no-store',
      whose: 'user',
      message: `images of the cloud ${cloud.config.name} are not in Swift`,
      next: 'set services.swift to true and name swift in images.stores of cloud.yaml, then "gantry up"',
    });
  }
  const session = await openPublicSession(cloud, administrator, caller.signal);
  try {
    const all = await listImages(session, { visibility: 'all' });
    const image = findNamed(all, wanted, { kind: 'image', list: 'gantry openstack image list --all' });
    if (!storesOf(image).includes(urls.store)) throw notInStore(image, urls.store);
    const project = await projects.find(session, { name: urls.project, domain_id: 'default' });
    if (!project) throw new Error(`Keystone has no project ${urls.project}`);
    return temporaryUrl(session.endpoint(urls.serviceType), {
      projectId: project.id,
      container: urls.container,
      name: image.id,
      key: cloud.secrets.get(urls.secret),
      expires: Math.floor(Date.now() / 1000) + seconds,
    });
  } finally {
    await session.close();
  }
}

function storesOf({ stores }: Image): string[] {
  return typeof stores === 'string' ? stores.split(',') : [];
}

function notInStore(image: Image, store: string): GantryError {
  return new GantryError({
    code: 'image-url.not-there',
    whose: 'user',
    message: `the image ${image.name} is not in Swift but in ${storesOf(image).join(', ') || 'no store'}`,
    next: `gantry openstack image import ${image.id} --method copy-image --store ${store}`,
  });
}
