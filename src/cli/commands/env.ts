import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openRunningCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { taken } from '../../cloud/taken.ts';
import { ExitCode } from '../../errors.ts';
import { administrator, demoUser, entryName, type Login } from '../../model/cloud-users.ts';
import { describeEnvironment } from '../client-environment.ts';
import type { Command } from '../command.ts';

/** Passwords go into a file that only its owner reads; what is printed holds none. */
export const run: Command<'env'> = async (options, _arguments, terminal) => {
  const cloud = await openRunningCloud(await loadConfigured(options), {}, terminal);
  const { config, stateDirectory, secrets, authority } = cloud;
  const identity = taken(cloud.desired, 'identity');
  const trustedFile = join(stateDirectory, 'trusted.pem');
  const describeLogin = ({ user, secret, project }: Login) => ({
    region_name: config.region,
    identity_api_version: 3,
    interface: 'public',
    ...(authority ? { cacert: trustedFile } : {}),
    auth: {
      auth_url: identity.publicUrl,
      username: user,
      password: secrets.get(secret),
      project_name: project,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
  });
  const clouds = {
    [entryName(config.name, administrator.user)]: describeLogin(administrator),
    [entryName(config.name, demoUser.user)]: describeLogin(demoUser),
  };
  const file = join(stateDirectory, 'clouds.yaml');
  if (authority) await writeFile(trustedFile, authority, { mode: 0o644 });
  await writeFile(file, stringify({ clouds }), { mode: 0o600 });
  const hosts = [...new Set(cloud.desired.endpoints.map(({ publicUrl }) => hostOf(publicUrl)))];
  const entry = entryName(config.name, options.user);
  process.stdout.write(describeEnvironment({ file, entry, hosts, environment: process.env }, options.shell));
  return ExitCode.done;
};

/** Templates in a URL, such as a project's id, are in its path. */
function hostOf(url: string): string {
  return /^\w+:\/\/(\[[^\]]*\]|[^/:]*)/.exec(url)?.[1] ?? url;
}
