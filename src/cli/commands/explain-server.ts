import { openRunningCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { findNamed } from '../../cloud/named.ts';
import { explainServer } from '../../cloud/servers.ts';
import { openAdministration } from '../../cloud/session.ts';
import { ExitCode } from '../../errors.ts';
import { servers } from '../../openstack/compute.ts';
import { firstFailed } from '../../servers/ladder.ts';
import type { Command } from '../command.ts';

/** Exits with 1 where something that the server needs is broken. */
export const run: Command<'explain server'> = async (options, [wanted], terminal) => {
  const { signal } = terminal;
  const cloud = await openRunningCloud(await loadConfigured(options), {}, terminal);
  const admin = await openAdministration(cloud, signal, (text) => process.stderr.write(`${text}\n`));
  try {
    const all = await servers.list(admin, { all_tenants: 'true' });
    const list = 'gantry openstack server list --all-projects';
    const server = findNamed(all, wanted, { kind: 'server', list });
    const { evidence, rungs, text } = await explainServer(cloud, admin, server.id);
    const { id, name } = evidence.server;
    process.stdout.write(
      options.output === 'json'
        ? `${JSON.stringify({ id, name, rungs }, null, 2)}\n`
        : `Server ${name} (${id})\n${text}\n`,
    );
    return firstFailed(rungs) ? ExitCode.failed : ExitCode.done;
  } finally {
    await admin.close();
  }
};
