import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoResult } from '../demo/options.ts';
import { removeDemo } from '../demo/remove.ts';
import { runDemo } from '../demo/run.ts';
import { administrator, demoUser } from '../model/cloud-users.ts';
import { runOverSsh } from '../openstack/ssh.ts';
import { loadPurges } from '../resolve/purges.ts';
import { type Caller, inform } from './caller.ts';
import { changeRunning, type Ended, type Run } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { externalNetwork, warnOfUnattached } from './external-network.ts';
import { guestSource } from './guest.ts';
import { requireImage } from './images.ts';
import { explainServer } from './servers.ts';
import { openPublicSession } from './session.ts';

/** The demo's server, and the file of the key to log in with. */
export interface ShownDemo extends DemoResult {
  keyFile: string;
}

/** Makes the demo in a cloud that is up, and logs in to its server. */
export async function makeDemo(configured: Configured, caller: Caller): Promise<Ended & { demo: ShownDemo }> {
  const request = { command: 'gantry demo', extraImages: ['guest'] };
  return changeRunning(configured, request, caller, async (run, cloud) => {
    cloud.keep();
    warnOfUnattached(cloud, run.emit);
    await requireImage(cloud, 'guest', run);
    return { result: 'done', demo: await showDemo(cloud, run) };
  });
}

/** Removes what is the demo's own; names what was there. The image, the flavors and the external network stay. */
export async function unmakeDemo(
  configured: Configured,
  caller: Caller,
): Promise<Ended & { removed: string[] }> {
  const request = { command: 'gantry demo --remove' };
  return changeRunning(configured, request, caller, async ({ signal }, cloud) => {
    cloud.keep();
    const session = await openPublicSession(cloud, administrator, signal);
    const names = { shared: false, imageName: 'gantry-guest', externalName: 'external' };
    const purges = await loadPurges(cloud.root, cloud.services);
    return { result: 'done', removed: await removeDemo(session, purges, names) };
  });
}

/** Makes the demo where it is not there, and logs in to its server. */
export async function showDemo(
  cloud: Cloud,
  { emit, signal }: Pick<Run, 'emit' | 'signal'>,
): Promise<ShownDemo> {
  const keyFile = await writeDemoKey(cloud);
  const session = await openPublicSession(cloud, administrator, signal);
  const result = await runDemo(
    session,
    {
      password: cloud.secrets.get(demoUser.secret),
      external: externalNetwork(cloud),
      tenant: cloud.config.network.tenant,
      image: await guestSource(cloud),
      publicKey: cloud.secrets.get('demo-key.pub'),
      explain: async (id) => (await explainServer(cloud, session, id)).text,
      logIn: (address, abort) => runOverSsh({ user: 'gantry', address, keyFile }, 'hostname', abort),
    },
    emit,
  );
  if (result.unchanged) inform(emit, 'The demo is there already; nothing was changed.');
  return { ...result, keyFile };
}

/** The private key as a file that ssh accepts: readable by its owner only. */
export async function writeDemoKey(cloud: Cloud): Promise<string> {
  await mkdir(cloud.stateDirectory, { recursive: true, mode: 0o700 });
  const path = join(cloud.stateDirectory, 'demo-key');
  await writeFile(path, cloud.secrets.get('demo-key'), { mode: 0o600 });
  return path;
}
