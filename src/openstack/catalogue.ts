import { GantryError } from '../errors.ts';

export type Interface = 'public' | 'internal' | 'admin';

/** One service of the catalogue that comes with a token. */
export interface CatalogueService {
  type: string;
  name: string;
  endpoints: { interface: Interface; region: string; url: string }[];
}

/** Where the versions we speak live below an endpoint; endpoints are registered with or without it. */
const VERSION_PATHS: Record<string, string> = {
  identity: '/v3',
  compute: '/v2.1',
  network: '/v2.0',
  image: '/v2',
  'key-manager': '/v1',
};

/** Endpoints of objects name the user's own account, which others are beside. */
const ACCOUNT_SUFFIX = /\/AUTH_[^/]*$/;

/** The version part at the end of a URL's path, such as `/v3` or `/v2.1`. */
const VERSION_SUFFIX = /\/v\d+(\.\d+)?$/;

/** The endpoint of a service as registered, without a trailing slash. Throws `openstack.no-endpoint`. */
export function findEndpoint(
  catalogue: readonly CatalogueService[],
  type: string,
  wanted: { interface: Interface; region: string },
): string {
  const endpoint = catalogue
    .filter((service) => service.type === type)
    .flatMap((service) => service.endpoints)
    .find((candidate) => candidate.interface === wanted.interface && candidate.region === wanted.region);
  if (!endpoint) {
    const known = [...new Set(catalogue.map((service) => service.type))].sort();
    throw new GantryError({
      code: 'openstack.no-endpoint',
      whose: 'environment',
      message: `the catalogue has no ${wanted.interface} endpoint of type ${type} in ${wanted.region}`,
      why: known.length > 0 ? `it has ${known.join(', ')}` : 'it is empty',
    });
  }
  return endpoint.url.replace(/\/+$/, '');
}

/** The URL below which the API version lives that we speak. */
export function versionedRoot(type: string, endpoint: string): string {
  const version = VERSION_PATHS[type];
  const trimmed = endpoint.replace(/\/+$/, '').replace(ACCOUNT_SUFFIX, '');
  return version === undefined ? trimmed : trimmed.replace(VERSION_SUFFIX, '') + version;
}
