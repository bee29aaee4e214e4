import { GantryError } from '../../src/errors.ts';
import type { OperationContext, Rotation, ServiceOperations } from '../../src/model/operation.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import { type FernetRotation, planFernetRotation } from './fernet.ts';

const process = 'keystone-rotate';
const config = `${CONFIG_DIR}/keystone.conf`;

const manage = (command: string): string[] => ['keystone-manage', '--config-file', config, command];

/** The staged key, which every Keystone has already, becomes the one that signs. */
const fernet: Rotation = {
  name: 'fernet',
  summary: 'the keys that tokens are made with',
  prepare: async (context) => {
    const { keys, kept, lifetime } = readSettings(context);
    const listing = await context.exec(process, ['sh', '-c', 'cd "$1" && stat -c "%n %Y" *', 'sh', keys]);
    const rotation = planFernetRotation(listing, kept, lifetime);
    if (rotation.safeFrom > context.now() / 1000) throw tooSoon(rotation);
    return {
      description: describe(rotation),
      outcome: 'Tokens are made with a new key.',
      run: async () => void (await context.exec(process, manage('fernet_rotate'))),
    };
  },
};

/**
 * Keystone reads with every key that is there and writes with the newest. A rotation drops the oldest, so everything
 * is encrypted with the newest first; then anew, with the new one.
 */
const credential: Rotation = {
  name: 'credential',
  summary: 'the keys that Keystone stores credentials with',
  prepare: async ({ exec }) => ({
    description:
      'A new key for the credentials that Keystone stores (EC2, TOTP), and all of them encrypted with it.',
    outcome: 'Credentials are encrypted with a new key.',
    run: async () => {
      for (const command of ['credential_migrate', 'credential_rotate', 'credential_migrate']) {
        await exec(process, manage(command));
      }
    },
  }),
};

export default { rotations: [fernet, credential] } satisfies ServiceOperations;

/** What Keystone's file says; Keystone's own defaults where it says nothing. */
function readSettings({ sections }: OperationContext): { keys: string; kept: number; lifetime: number } {
  const { fernet_tokens: keys, token } = sections(process, config);
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
