import { ensureImage, type ImageSource } from '../../src/openstack/image-upload.ts';
import type { Session } from '../../src/openstack/session.ts';
import { defineTempestPart, PREFIX } from '../../src/tempest/part.ts';

/** Ids of two images, and who logs in to servers of both. */
interface Seen {
  images: readonly [string, string];
  sshUser: string;
}

export default defineTempestPart<Seen>({
  prepare: async (admin, { guest, sshUser }) => ({ images: await makeImages(admin, guest), sshUser }),
  sections: ({ images, sshUser }) => ({
    service_available: { glance: true },
    enforce_scope: { glance: true },
    'image-feature-enabled': { import_image: true },
    compute: { image_ref: images[0], image_ref_alt: images[1] },
    validation: { image_ssh_user: sshUser, image_alt_ssh_user: sshUser },
    scenario: { dhcp_client: 'udhcpc' },
  }),
});

async function makeImages(admin: Session, guest: ImageSource): Promise<[string, string]> {
  const make = async (name: string): Promise<string> => {
    const source = { ...guest, name, visibility: 'public' as const };
    return (await ensureImage(admin, source, () => {})).image.id;
  };
  return Promise.all([make(`${PREFIX}-image`), make(`${PREFIX}-image-alt`)]);
}
