/**
 * An OpenStack release. All that Gantry knows of it by itself is its entry below; the rest is data under its name: the
 * options of services in `catalogue/SERVICE/options.NAME.json`, the client's arguments in
 * `catalogue/client/arguments.NAME.json`.
 */
export interface Release {
  /** OpenStack's name of it in lower case: in cloud.yaml, in the names of data files, and the usual tag of its images. */
  name: string;
  /** Such as `2025.1`; cloud.yaml takes it as well. */
  number: string;
  /** Code name of the Debian release that its images are made from. */
  debian: string;
  /** By name, what those of its Dockerfiles are given that declare it with ARG, such as where packages come from. */
  buildArguments: Readonly<Record<string, string>>;
}

/** The first one is the default. */
export type Releases = readonly [Release, ...Release[]];

/** The releases that a cloud can be of. */
export const releases: Releases = [{ name: 'epoxy', number: '2025.1', debian: 'trixie', buildArguments: {} }];

/** The release of this name, which cloud.yaml or a script gives. Throws an Error where there is none. */
export function releaseNamed(name: string): Release {
  const release = releases.find((one) => one.name === name);
  if (release) return release;
  throw new Error(`there is no release ${name}, but ${releases.map((one) => one.name).join(', ')}`);
}
