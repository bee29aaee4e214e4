import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud } from '../cloud/cloud.ts';
import { guestSource } from '../cloud/guest.ts';
import { explainServer } from '../cloud/servers.ts';
import { openPublicSession } from '../cloud/session.ts';
import { runDemo } from '../demo/run.ts';
import { ExitCode } from '../errors.ts';
import { administrator, demoUser } from '../model/cloud-users.ts';
import { shellWord } from '../model/shell.ts';
import { runOverSsh } from '../openstack/ssh.ts';
import { createFlowDisplay } from './flow-display.ts';
import type { GlobalOptions } from './options.ts';

/** Makes the demo and logs in to its server; the command to do so is the result on standard output. */
export async function showDemo(cloud: Cloud, options: GlobalOptions, signal: AbortSignal): Promise<number> {
  const keyFile = await writeDemoKey(cloud);
  const session = await openPublicSession(cloud, administrator, signal);
  const { external, tenant } = cloud.config.network;
  const result = await runDemo(
    session,
    {
      password: cloud.secrets.get(demoUser.secret),
      external,
      tenant,
      image: await guestSource(cloud),
      publicKey: cloud.secrets.get('demo-key.pub'),
      explain: async (id) => (await explainServer(cloud, session, id)).text,
      logIn: (address, abort) => runOverSsh({ user: 'gantry', address, keyFile }, 'hostname', abort),
    },
    createFlowDisplay(options.progress, process.stderr),
  );
  if (result.unchanged) process.stderr.write('The demo is there already; nothing was changed.\n');
  process.stderr.write(`The server ${result.server} answers. Log in to it with:\n`);
  process.stdout.write(
    `ssh -i ${shellWord(keyFile)} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${result.user}@${result.floatingIp}\n`,
  );
  return ExitCode.done;
}

/** The private key as a file that ssh accepts: readable by its owner only. */
export async function writeDemoKey(cloud: Cloud): Promise<string> {
  await mkdir(cloud.stateDirectory, { recursive: true, mode: 0o700 });
  const path = join(cloud.stateDirectory, 'demo-key');
  await writeFile(path, cloud.secrets.get('demo-key'), { mode: 0o600 });
  return path;
}
