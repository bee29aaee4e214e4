/** An OpenStack release and the Debian release that carries it. */
export interface Release {
  name: string;
  /** Debian's code name. */
  debian: string;
}

/** The releases whose images can be built; the first one is the default. */
export const releases: readonly [Release, ...Release[]] = [{ name: 'epoxy', debian: 'trixie' }];
