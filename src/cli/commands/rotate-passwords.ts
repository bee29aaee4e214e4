import { type Cloud, openCloud } from '../../cloud/cloud.ts';
import { listNames, suggest } from '../../config/nearest.ts';
import { ExitCode, usageError } from '../../errors.ts';
import { formatPlan } from '../../plan/format.ts';
import { type Credential, credentialsOf } from '../../resolve/logins.ts';
import type { SecretStore } from '../../secrets/store.ts';
import { confirm, type RotateOptions, requireSettled, settle, withRunningCloud } from '../rotate.ts';

const places = { database: 'the database', broker: 'the broker', account: 'Keystone' };

/**
 * Each user has two logins that take turns. First the other login is made valid everywhere, then the processes are
 * replaced as by any change, then the login from before goes: at no time is a process without one that works. What
 * was interrupted is finished by the next `rotate passwords`; until then both logins are valid.
 */
export async function run(
  options: RotateOptions,
  [services]: (string | string[] | undefined)[],
): Promise<number> {
  return withRunningCloud(options, 'passwords', async (cloud, signal) => {
    const all = credentialsOf(cloud.services, (service) => service.declare(cloud.facts));
    const chosen = choose(all, [services ?? []].flat());
    const names = chosen.map(({ secret }) => secret);
    const unfinished = all.map(({ secret }) => secret).filter((name) => cloud.secrets.turn(name)?.both);
    if (unfinished.length > 0) {
      process.stderr.write('Finishing first what an interruption left.\n');
      const code = await retire(cloud, unfinished, options, signal);
      if (code !== ExitCode.done) return code;
    } else await requireSettled(cloud);

    const next = await openCloud(options, {
      preview: (secrets) => {
        secrets.addLogins(names);
        secrets.switchLogins(names);
      },
    });
    const plan = await next.engine.plan(next.desired, {});
    await confirm(describe(chosen, formatPlan(plan)), options);

    const { secrets, keep } = await openCloud(options);
    keep();
    secrets.addLogins(names);
    for (const [title, change] of [
      ['Making the new logins valid', (): void => {}],
      ['Putting the new logins to use', (): void => secrets.switchLogins(names)],
    ] as const) {
      change();
      const code = await settle(options, { title, signal });
      if (code !== ExitCode.done) return code;
    }
    const code = await removeLogins(secrets, names, options, signal);
    if (code === ExitCode.done) process.stderr.write(`${names.length} passwords are new.\n`);
    return code;
  });
}

/** Brings all processes to the logins in use, then makes the others invalid. */
async function retire(
  { secrets, keep }: Cloud,
  names: string[],
  options: RotateOptions,
  signal: AbortSignal,
): Promise<number> {
  keep();
  const code = await settle(options, { title: 'Putting the logins to use', signal });
  return code === ExitCode.done ? removeLogins(secrets, names, options, signal) : code;
}

async function removeLogins(
  secrets: SecretStore,
  names: string[],
  options: RotateOptions,
  signal: AbortSignal,
): Promise<number> {
  secrets.removeLogins(names);
  return settle(options, { title: 'Removing the logins from before', signal });
}

function choose(all: Credential[], services: string[]): Credential[] {
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
