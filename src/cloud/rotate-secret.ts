import { GantryError } from '../errors.ts';
import type { SecretRotation } from '../model/operation.ts';
import { inform } from './caller.ts';
import type { Ended, Run } from './change.ts';
import type { Cloud } from './cloud.ts';
import { execIn, putInForce, requireUpToDate } from './rotate.ts';

/**
 * Plans each of which leaves all processes able to read all there is. What was interrupted is finished by the next one:
 * whichever of the two keys is first then is the one that stays. Where the one before stays too, `up` finishes it.
 */
export async function rotateSecret(rotation: SecretRotation, run: Run, cloud: Cloud): Promise<Ended> {
  const { secret, description, outcome, renew } = rotation;
  requireKey(rotation, cloud);
  if (renew && cloud.secrets.turn(secret)?.both) {
    inform(run.emit, 'Finishing first what an interruption left.');
    cloud.keep();
    const ended = await leaveOne(secret, renew, run);
    if (ended.result !== 'done') return ended;
  } else await requireUpToDate(cloud);
  await run.confirm({ kind: 'rotate', text: description });

  const { secrets, keep } = await run.open();
  keep();
  secrets.removeOther([secret]);
  secrets.addOther([secret]);
  const added = await putInForce('Adding the new key', run);
  if (added.result !== 'done') return added;
  secrets.switchToOther([secret]);
  const left = renew ? await leaveOne(secret, renew, run) : await use(run);
  if (left.result === 'done') inform(run.emit, outcome);
  return left;
}

/** Brings all processes to the first key, has everything written with it, and forgets the other. */
async function leaveOne(secret: string, renew: Required<SecretRotation>['renew'], run: Run): Promise<Ended> {
  const used = await use(run);
  if (used.result !== 'done') return used;
  const cloud = await run.open();
  await execIn(cloud, renew.process, [...renew.command], run.signal);
  cloud.keep();
  cloud.secrets.removeOther([secret]);
  return putInForce('Dropping the key from before', run);
}

function use(run: Run): Promise<Ended> {
  return putInForce('Putting the new key to use', run);
}

function requireKey({ name, secret, there }: SecretRotation, { config, declared }: Cloud): void {
  if (declared.secrets.some((one) => one.name === secret)) return;
  throw new GantryError({
    code: 'rotate.no-key',
    whose: 'user',
    message: `the cloud ${config.name} has no keys "${name}"`,
    why: `It has them where ${there}.`,
  });
}
