import { configError, isMapping, Source, valueAt } from '../config/source.ts';
import type { GantryError } from '../errors.ts';
import type { Interface } from '../openstack/catalogue.ts';

/** An application credential, and where it is used. */
export interface Credential {
  authUrl: string;
  id: string;
  secret: string;
  region: string;
  interface: Interface;
  /** Path of the certificates (PEM) that the APIs are checked by, where not the system's. */
  caFile?: string;
}

const DEFAULT_REGION = 'RegionOne';
const interfaces = ['public', 'internal', 'admin'] as const;

/**
 * The application credential in a clouds.yaml: https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 * Passwords are not taken: a server has no business with one. Throws `config.*` with the place, never with a value.
 */
export function parseCredential(file: string, text: string, wanted: string | undefined): Credential {
  const source = new Source(file, text);
  // The line is not shown: it may be the secret's.
  if (source.errors[0]) throw blind(source.errors[0]);
  const clouds = valueAt(source.value, ['clouds']);
  if (!isMapping(clouds)) throw mistake(source, [], 'it has no clouds');
  const names = Object.keys(clouds);
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    throw mistake(source, ['clouds'], `it has ${names.length} clouds; "cloud" in the settings says which`);
  }
  if (!names.includes(name))
    throw mistake(source, ['clouds'], `it has no cloud "${name}", only ${names.join(', ')}`);

  const at = (...path: string[]): string => {
    const value = valueAt(clouds[name], path);
    if (typeof value === 'string' && value !== '') return value;
    throw mistake(source, ['clouds', name, ...path], `clouds.${name}.${path.join('.')} is missing`);
  };
  const may = (key: string): string | undefined => {
    const value = valueAt(clouds[name], [key]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const kind = may('auth_type');
  if (kind !== 'v3applicationcredential') {
    const found = kind === undefined ? 'missing' : `"${kind}"`;
    throw mistake(
      source,
      ['clouds', name, 'auth_type'],
      `auth_type is ${found}; it must be v3applicationcredential`,
    );
  }
  const chosen = may('interface') ?? 'public';
  const known = interfaces.find((one) => one === chosen);
  if (!known)
    throw mistake(source, ['clouds', name, 'interface'], `interface must be ${interfaces.join(', ')}`);
  const caFile = may('cacert');
  return {
    authUrl: at('auth', 'auth_url')
      .replace(/\/+$/, '')
      .replace(/(\/v3)?$/, '/v3'),
    id: at('auth', 'application_credential_id'),
    secret: at('auth', 'application_credential_secret'),
    region: may('region_name') ?? DEFAULT_REGION,
    interface: known,
    ...(caFile === undefined ? {} : { caFile }),
  };
}

/** Throws where others than its owner, root, may read the file. `mode` and `uid` as stat(2) has them. */
export function checkPrivate(file: string, { mode, uid }: { mode: number; uid: number }): void {
  if (uid === 0 && (mode & 0o077) === 0) return;
  throw configError('config.not-private', `${file} must be root's alone`, undefined, {
    next: `chown root: ${file} && chmod 600 ${file}`,
  });
}

function mistake(source: Source, path: string[], message: string): GantryError {
  const { text: _, ...place } = source.keyPlace(path);
  return configError('config.invalid-value', message, place);
}

function blind({ code, place }: GantryError): GantryError {
  const { text: _, ...rest } = place ?? { file: '', line: 1, column: 1 };
  return configError(code, 'not valid YAML', rest);
}
