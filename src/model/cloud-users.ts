/** Users of Keystone of whom Gantry has the password. */
export type UserName = 'admin' | 'demo';

export interface Login {
  user: UserName;
  /** Name of the secret that is its password. */
  secret: string;
  project: string;
}

/** Whoever gives `identity` declares its secret, and makes the user. */
export const administrator: Login = { user: 'admin', secret: 'keystone-admin', project: 'admin' };
/** Made by `gantry demo`. */
export const demoUser: Login = { user: 'demo', secret: 'demo-account', project: 'demo' };

/** What a user's entry is called in each clouds.yaml: the client's own, and that of `gantry env`. */
export function entryName(cloud: string, user: UserName): string {
  return user === 'admin' ? cloud : `${cloud}-${user}`;
}
