import type { DesiredImage } from '../model/desired.ts';
import type { Release } from '../model/releases.ts';
import type { UserName } from '../model/users.ts';
import type { Capability } from '../model/workload.ts';
import type { ContextFile } from './context.ts';
import type { Dockerfile } from './dockerfile.ts';

/** Labels of every image that Gantry builds; those of the OCI image specification where it has one. */
export const imageLabels = {
  title: 'org.opencontainers.image.title',
  description: 'org.opencontainers.image.description',
  version: 'org.opencontainers.image.version',
  baseName: 'org.opencontainers.image.base.name',
  baseDigest: 'org.opencontainers.image.base.digest',
  name: 'org.gantry.image.name',
  hash: 'org.gantry.image.hash',
  release: 'org.gantry.image.release',
  /** The packages that the Dockerfiles ask for: `package=version` or `package:source=version`, by commas. */
  packages: 'org.gantry.image.packages',
} as const;

/** One Dockerfile of the catalogue with all that goes into it. */
export interface Image extends DesiredImage {
  /** Folder of the catalogue that it belongs to. */
  service: string;
  release: Release;
  summary: string;
  /** The user its programs run as. */
  user: UserName;
  /** Commands that succeed and print something, such as a version, where the image is in order. */
  programs: string[][];
  /** What files of its programs carry as capabilities, without which those do not start. */
  capabilities?: Capability[] | undefined;
  /** It has the disk of a server in /guest, with what guest.json there says of it. */
  disk?: boolean | undefined;
  /** Only built and tested where it is named, or something needs it. */
  onDemand?: boolean | undefined;
  dockerfile: Dockerfile;
  context: ContextFile[];
  /** What its Dockerfile is given of the release's build arguments. */
  buildArguments: Record<string, string>;
  /** The image that its last stage starts from; undefined for those on the bare root file system. */
  base: string | undefined;
  /** Exact references of the parents, by name. */
  parentReferences: Record<string, string>;
}

/** All images of a release, parents before children. */
export interface ImageGraph {
  release: Release;
  images: Image[];
}

/** Repository of an image, without a tag. */
export function repositoryOf(name: string): string {
  return `gantry/${name}`;
}

/** The reference that follows a version, such as gantry/nova:epoxy. */
export function versionReference(name: string, version: string): string {
  return `${repositoryOf(name)}:${version}`;
}
