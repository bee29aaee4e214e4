import { cpus } from 'node:os';
import { join } from 'node:path';
import { administrator } from '../model/cloud-users.ts';
import { networkDriverOf } from '../resolve/enabled.ts';
import { loadPurges } from '../resolve/purges.ts';
import { readExclusions } from '../tempest/exclusions.ts';
import { loadTempestParts } from '../tempest/load.ts';
import { runTempest, type TempestResult } from '../tempest/run.ts';
import { parseSelector } from '../tempest/select.ts';
import { readTestable } from '../tempest/testable.ts';
import type { Caller } from './caller.ts';
import { changeRunning, type Ended } from './change.ts';
import type { Configured } from './configured.ts';
import { externalNetwork } from './external-network.ts';
import { guestSource } from './guest.ts';
import { requireImage } from './images.ts';
import { openPublicSession } from './session.ts';
import { taken } from './taken.ts';

const images = ['guest', 'tempest'];

/**
 * Runs Tempest against a cloud that is up: under its lock, since nothing may be replaced while tests look at it, and two
 * runs would remove each other's resources.
 */
export async function verifyWithTempest(
  configured: Configured,
  { tests }: { tests: string },
  caller: Caller,
): Promise<Ended & { tempest: TempestResult }> {
  parseSelector(tests);
  const request = { command: 'gantry verify --tempest', extraImages: images };
  return changeRunning(configured, request, caller, async (run, cloud) => {
    const { emit, signal } = run;
    for (const image of images) await requireImage(cloud, image, run);
    const { config, desired, engine, stateDirectory } = cloud;
    const folder = join(cloud.root, 'catalogue/tempest');
    const tempest = await runTempest(
      {
        wanted: tests,
        exclusions: await readExclusions(join(folder, 'exclude.yaml')),
        parts: await loadTempestParts(cloud.root, cloud.services),
        purges: await loadPurges(cloud.root, cloud.services),
        testable: await readTestable(join(folder, `options.${config.release}.json`)),
        open: () => openPublicSession(cloud, administrator, signal),
        runOnce: (job, once) => engine.runOnce(desired, job, once),
        preparation: {
          authUrl: taken(desired, 'identity').publicUrl,
          ownAuthority: cloud.authority !== undefined,
          external: externalNetwork(cloud),
          networkDriver: networkDriverOf(cloud.services, config).name,
          guest: await guestSource(cloud),
          sshUser: 'gantry',
        },
        credentials: {
          user: administrator.user,
          password: cloud.secrets.get(administrator.secret),
          project: administrator.project,
        },
        authority: cloud.authority,
        workers: Math.min(4, Math.max(1, cpus().length)),
        directory: join(stateDirectory, 'tempest', new Date().toISOString().replace(/[:.]/g, '-')),
      },
      emit,
    );
    return { result: signal.aborted ? 'interrupted' : tempest.ok ? 'done' : 'failed', tempest };
  });
}
