import { GantryError } from '../errors.ts';
import type { Session } from '../openstack/session.ts';
import type { Finding } from '../volumes/compare.ts';
import { findVolumeProblems, type LookingAtVolumes, type VolumesFound } from '../volumes/gather.ts';
import { describeFinding, mendFinding } from '../volumes/mend.ts';
import { type Caller, inform, warn } from './caller.ts';
import { changeRunning, type Ended } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { execIn } from './rotate.ts';
import { openAdministration } from './session.ts';
import { taken } from './taken.ts';

type Looked = Pick<Cloud, 'engine' | 'desired'>;

/** What is wrong with the volumes of servers; changes nothing. Throws `volumes.none` where the cloud has no volumes. */
export async function checkVolumes(cloud: Looked, admin: Session): Promise<VolumesFound> {
  return findVolumeProblems(await lookingAtVolumes(cloud, admin));
}

/** Where to look for what is wrong with volumes. Throws `volumes.none`. */
export async function lookingAtVolumes(
  { engine, desired }: Looked,
  admin: Session,
): Promise<LookingAtVolumes> {
  const { cloud, ledger, blockStorage } = desired;
  if (!blockStorage) {
    throw new GantryError({
      code: 'volumes.none',
      whose: 'user',
      message: `the cloud ${cloud} has no service of volumes`,
      next: 'set services.cinder to true in cloud.yaml, then "gantry up"',
    });
  }
  const traces = {
    compute: taken(desired, 'compute'),
    hypervisor: taken(desired, 'hypervisor'),
    volumes: blockStorage,
  };
  const { instances } = await engine.observe({ cloud, ledger });
  return { admin, engine, cloud, instances, traces };
}

/**
 * Mends what is wrong with volumes as far as that takes no disk from a guest, once that is confirmed. What has changed
 * meanwhile is left alone. Resolves to what it can do nothing about.
 */
export async function repairVolumes(
  configured: Configured,
  caller: Caller,
): Promise<Ended & { left: readonly Finding[] }> {
  return changeRunning(configured, { command: 'gantry volumes repair' }, caller, async (run, cloud) => {
    const { emit, signal } = run;
    const report = (reason: string): void => emit({ type: 'activity.waiting', name: 'volumes', reason });
    const admin = await openAdministration(cloud, signal, report);
    try {
      const { findings } = await checkVolumes(cloud, admin);
      const wanted = findings.filter(({ mends }) => mends.length > 0);
      if (wanted.length === 0) return { result: 'done', left: findings };
      const text = wanted.map((one) => `${describeFinding(one)} -> ${one.next}`).join('\n');
      await run.confirm({ kind: 'repair', text });
      const { process, command } = taken(cloud.desired, 'volumeRecords');
      const record = async (...words: string[]): Promise<void> => {
        await execIn(cloud, process, [...command, ...words], signal, 'volumes.not-mended');
      };
      const now = (await checkVolumes(cloud, admin)).findings.map((one) => JSON.stringify(one));
      for (const one of wanted) {
        if (!now.includes(JSON.stringify(one))) {
          warn(emit, `${describeFinding(one)}: that has changed meanwhile, and is left alone`);
          continue;
        }
        await mendFinding(one, { admin, record });
        inform(emit, `${describeFinding(one)}: mended, ${one.next}`);
      }
      return { result: 'done', left: findings.filter(({ mends }) => mends.length === 0) };
    } finally {
      await admin.close();
    }
  });
}
