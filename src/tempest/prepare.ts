import { flavors, waitForHypervisor } from '../openstack/compute.ts';
import { type ExternalNetwork, ensureExternalNetwork } from '../openstack/external-network.ts';
import { ensureImage, type ImageSource } from '../openstack/image-upload.ts';
import { networks } from '../openstack/network.ts';
import type { Session } from '../openstack/session.ts';
import { PREFIX, type TempestFacts } from './config.ts';

export interface Preparation {
  /** Of the API that the public endpoint of Keystone has. */
  authUrl: string;
  ownAuthority: boolean;
  external: ExternalNetwork;
  /** Gives the guest's disk; called once for each image that is made of it. */
  guest: ImageSource;
  sshUser: string;
}

/** The disk is larger than the guest's, so that both sizes differ in all that resizing changes. */
const FLAVORS = [
  { name: `${PREFIX}-flavor`, vcpus: 1, ram: 128, disk: 1 },
  { name: `${PREFIX}-flavor-alt`, vcpus: 1, ram: 192, disk: 2 },
] as const;

/**
 * Makes what tests need to have given: two images, two flavors, an external network where there is none. Returns
 * what Tempest is to know of the cloud. `admin` is an administrator's session.
 */
export async function prepareCloud(admin: Session, wanted: Preparation): Promise<TempestFacts> {
  await waitForHypervisor(admin);
  const [external, images, sizes, extensions, hypervisors, compute, placement] = await Promise.all([
    ensureExternalNetwork(admin, { ...wanted.external, name: `${PREFIX}-external` }),
    makeImages(admin, wanted.guest),
    Promise.all(FLAVORS.map((size) => flavors.create(admin, size))),
    listExtensions(admin),
    listHypervisors(admin),
    newestMicroversion(admin, 'compute', '/'),
    newestMicroversion(admin, 'placement', '/'),
  ]);
  const { name } = await networks.get(admin, external.id);
  return {
    authUrl: wanted.authUrl,
    region: admin.region,
    ownAuthority: wanted.ownAuthority,
    services: admin.catalogue.map((service) => service.type),
    networkExtensions: extensions,
    externalNetwork: { id: external.id, name },
    images,
    flavors: [sizes[0]?.id ?? '', sizes[1]?.id ?? ''],
    sshUser: wanted.sshUser,
    computeNodes: hypervisors.length,
    hypervisorType: hypervisors[0]?.hypervisor_type ?? 'QEMU',
    microversions: { compute, placement },
  };
}

async function makeImages(admin: Session, guest: ImageSource): Promise<[string, string]> {
  const make = async (name: string): Promise<string> => {
    const source = { ...guest, name, visibility: 'public' as const };
    return (await ensureImage(admin, source, () => {})).image.id;
  };
  return Promise.all([make(`${PREFIX}-image`), make(`${PREFIX}-image-alt`)]);
}

async function listExtensions(admin: Session): Promise<string[]> {
  const { body } = await admin.request<{ extensions: { alias: string }[] }>('network', 'GET', '/extensions');
  return body.extensions.map(({ alias }) => alias).sort();
}

async function listHypervisors(admin: Session): Promise<{ hypervisor_type: string }[]> {
  const { body } = await admin.request<{ hypervisors: { hypervisor_type: string }[] }>(
    'compute',
    'GET',
    '/os-hypervisors/detail',
  );
  return body.hypervisors;
}

async function newestMicroversion(admin: Session, service: string, path: string): Promise<string> {
  interface Version {
    version?: string;
    max_version?: string;
  }
  const { body } = await admin.request<{ version?: Version; versions?: Version[] }>(service, 'GET', path);
  const version = body.version ?? body.versions?.[0];
  return version?.version || version?.max_version || 'latest';
}
