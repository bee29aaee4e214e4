import { GantryError } from '../errors.ts';
import { type FernetRotation, planFernetRotation } from '../secrets/fernet.ts';
import { type Caller, inform } from './caller.ts';
import type { Ended } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { rotateIn, runIn } from './rotate.ts';

const config = '/etc/gantry/keystone.conf';

/** The staged key, which every Keystone has already, becomes the one that signs. */
export async function rotateFernet(configured: Configured, caller: Caller): Promise<Ended> {
  return rotateIn(configured, 'fernet', caller, async ({ confirm, emit, signal }, cloud) => {
    const { keys, kept, lifetime } = readSettings(cloud);
    const list = ['sh', '-c', 'cd "$1" && stat -c "%n %Y" *', 'sh', keys];
    const rotation = planFernetRotation(await runIn(cloud, 'keystone-rotate', list, signal), kept, lifetime);
    if (rotation.safeFrom > Date.now() / 1000) throw tooSoon(rotation);
    await confirm({ kind: 'rotate', text: describe(rotation) });
    const rotate = ['keystone-manage', '--config-file', config, 'fernet_rotate'];
    await runIn(cloud, 'keystone-rotate', rotate, signal);
    inform(emit, 'Tokens are made with a new key.');
    return { result: 'done' };
  });
}

/** What Keystone's file says, cloud.yaml's options included; Keystone's own defaults where it says nothing. */
function readSettings({ desired }: Cloud): { keys: string; kept: number; lifetime: number } {
  const files = desired.processes.find(({ name }) => name === 'keystone-rotate')?.files ?? [];
  const { fernet_tokens: keys, token } = files.find(({ path }) => path === config)?.sections ?? {};
  return {
    keys: String(keys?.key_repository?.value ?? '/etc/keystone/fernet-keys/'),
    kept: Number(keys?.max_active_keys?.value ?? 3),
    lifetime: Number(token?.expiration?.value ?? 3600),
  };
}

function describe({ decrypting, dropped }: FernetRotation): string {
  const fate =
    dropped === undefined ? 'none is dropped' : `key ${dropped}, whose tokens have expired, is dropped`;
  return `The staged key signs tokens from now on, a new one is staged for the next rotation.
Tokens in use stay valid: ${decrypting} earlier keys go on decrypting, ${fate}.`;
}

function tooSoon({ safeFrom, dropped }: FernetRotation): GantryError {
  return new GantryError({
    code: 'rotate.too-soon',
    whose: 'user',
    message: `key ${dropped} would be dropped while tokens that it signed are in use`,
    why: 'The keys were rotated several times of late.',
    next: `Rotate after ${new Date(safeFrom * 1000).toISOString()}, when the last of these tokens has expired.`,
  });
}
