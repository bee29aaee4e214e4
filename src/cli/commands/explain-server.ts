import { openRunningCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { explainServer } from '../../cloud/servers.ts';
import { openAdministration } from '../../cloud/session.ts';
import { nearestName } from '../../config/nearest.ts';
import { ExitCode, GantryError } from '../../errors.ts';
import { type Server, servers } from '../../openstack/compute.ts';
import type { Session } from '../../openstack/session.ts';
import { firstFailed } from '../../servers/ladder.ts';
import type { Command } from '../command.ts';

/** Exits with 1 where something that the server needs is broken. */
export const run: Command<'explain server'> = async (options, [wanted], terminal) => {
  const { signal } = terminal;
  const cloud = await openRunningCloud(await loadConfigured(options), {}, terminal);
  const admin = await openAdministration(cloud, signal, (text) => process.stderr.write(`${text}\n`));
  try {
    const server = await findServer(admin, wanted);
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

/** By id or name, of any project. Throws `server.unknown` or `server.ambiguous`. */
async function findServer(admin: Session, wanted: string): Promise<Server> {
  const all = await servers.list(admin, { all_tenants: 'true' });
  const found = all.filter(({ id, name }) => id === wanted || name === wanted);
  const [first, second] = found;
  if (first && !second) return first;
  if (first) {
    throw new GantryError({
      code: 'server.ambiguous',
      whose: 'user',
      message: `${found.length} servers are named ${wanted}`,
      why: found.map(({ id, status }) => `${id} ${status}`).join('\n'),
      next: 'give the id of one',
      exitCode: ExitCode.usage,
    });
  }
  const nearest = nearestName(
    wanted,
    all.map(({ name }) => name),
  );
  throw new GantryError({
    code: 'server.unknown',
    whose: 'user',
    message: `no server has the name or id ${wanted}`,
    next: nearest ? `did you mean ${nearest}?` : 'gantry openstack server list --all-projects',
    exitCode: ExitCode.usage,
  });
}
