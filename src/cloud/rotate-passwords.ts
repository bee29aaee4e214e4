import { listNames, suggest } from '../config/nearest.ts';
import { usageError } from '../errors.ts';
import { formatPlan } from '../plan/format.ts';
import { declarationOf } from '../resolve/desired.ts';
import { type Credential, credentialsOf } from '../resolve/logins.ts';
import type { SecretStore } from '../secrets/store.ts';
import { type Caller, inform } from './caller.ts';
import type { Ended, Run } from './change.ts';
import type { Configured } from './configured.ts';
import { putInForce, requireUpToDate, rotateIn } from './rotate.ts';

const places = { database: 'the database', broker: 'the broker', account: 'Keystone' };

/**
 * Each user has two logins that take turns. First the other login is made valid everywhere, then the processes are
 * replaced as by any change, then the login from before goes: at no time is a process without one that works. What
 * was interrupted is finished by the next `rotate passwords`; until then both logins are valid.
 */
export async function rotatePasswords(
  configured: Configured,
  { services }: { services: readonly string[] },
  caller: Caller,
): Promise<Ended> {
  return rotateIn(configured, 'passwords', caller, async (run, cloud) => {
    const all = credentialsOf(cloud.services, (service) => declarationOf(service, cloud.facts, cloud.config));
    const chosen = choose(all, services);
    const names = chosen.map(({ secret }) => secret);
    const unfinished = all.map(({ secret }) => secret).filter((name) => cloud.secrets.turn(name)?.both);
    if (unfinished.length > 0) {
      inform(run.emit, 'Finishing first what an interruption left.');
      cloud.keep();
      const ended = await replaceLogins(cloud.secrets, unfinished, 'Putting the logins to use', run);
      if (ended.result !== 'done') return ended;
    } else await requireUpToDate(cloud);

    const next = await run.open({
      preview: (secrets) => {
        secrets.addOther(names);
        secrets.switchToOther(names);
      },
    });
    const plan = await next.engine.plan(next.desired, {});
    await run.confirm({ kind: 'rotate', text: describe(chosen, formatPlan(plan)) });

    const { secrets, keep } = await run.open();
    keep();
    secrets.addOther(names);
    const added = await putInForce('Making the new logins valid', run);
    if (added.result !== 'done') return added;
    secrets.switchToOther(names);
    const replaced = await replaceLogins(secrets, names, 'Putting the new logins to use', run);
    if (replaced.result === 'done') inform(run.emit, `${names.length} passwords are new.`);
    return replaced;
  });
}

/** Brings all processes to the logins in use, then makes the others invalid. */
async function replaceLogins(
  secrets: SecretStore,
  names: readonly string[],
  title: string,
  run: Run,
): Promise<Ended> {
  const used = await putInForce(title, run);
  if (used.result !== 'done') return used;
  secrets.removeOther(names);
  return putInForce('Removing the logins from before', run);
}

function choose(all: Credential[], services: readonly string[]): Credential[] {
  const valid = [...new Set(all.map(({ service }) => service))];
  const unknown = services.find((name) => !valid.includes(name));
  if (unknown !== undefined) {
    throw usageError(`no service "${unknown}" has passwords${suggest(unknown, valid)}`, {
      why: listNames('Services', valid),
    });
  }
  return services.length === 0 ? all : all.filter(({ service }) => services.includes(service));
}

function describe(chosen: Credential[], plan: string): string {
  const services = [...new Set(chosen.map(({ service }) => service))].map((service) => {
    const kinds = chosen.filter((one) => one.service === service).map(({ kind }) => places[kind]);
    return `  ${service}: ${kinds.join(', ')}`;
  });
  return `New passwords for:
${services.join('\n')}

1. New logins become valid beside those in use.
2. The processes take them up:

${plan.trimEnd().replace(/^(?=.)/gm, '   ')}

3. The logins from before are removed.
`;
}
