import { closeSync, fstatSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { findCertificateFaults } from '../secrets/given-certificate.ts';
import { type Check, isGiven, report } from './checking.ts';
import { dotted } from './issues.ts';
import type { CloudConfig } from './schema.ts';
import { isMapping, type Path } from './source.ts';

/** Checks what refers to files; the result has their absolute paths. */
export function checkFiles(check: Check): CloudConfig {
  const { config } = check;
  const given = config.public;
  checkPair(check);
  const unreadable = new Set<string>();
  const absolute = (file: string, path: Path): string => {
    const resolved = resolve(check.baseDirectory, file);
    const wrong = explainUnreadable(resolved);
    if (wrong) {
      const message = `${dotted(path)}: cannot read ${resolved}: ${wrong}`;
      report(check, 'config.missing-file', path, message);
      unreadable.add(resolved);
    }
    return resolved;
  };
  const result = {
    ...config,
    public: {
      ...given,
      ...(given.certificate && { certificate: absolute(given.certificate, ['public', 'certificate']) }),
      ...(given.key && { key: absolute(given.key, ['public', 'key']) }),
    },
    images: { ...config.images, guests: checkGuests(check, absolute) },
  };
  const { certificate, key } = result.public;
  if (certificate && key && ![certificate, key].some((file) => unreadable.has(file))) {
    checkCertificate(check, certificate, key);
  }
  return result;
}

/** Without an address in cloud.yaml the engine has one, which is not known here. */
function checkCertificate(check: Check, certificatePath: string, keyPath: string): void {
  const { hostname, address } = check.config.public;
  const isHostSound = ['hostname', 'address'].every((key) => check.isSound(['public', key]));
  const host = isHostSound ? (hostname ?? address) : undefined;
  const faults = findCertificateFaults({ certificatePath, keyPath, host, clock: check.clock });
  for (const { setting, message, ...more } of faults) {
    const path = ['public', setting];
    report(check, 'config.certificate', path, `${dotted(path)}: ${message}`, more);
  }
}

function checkPair(check: Check): void {
  const pair = [
    ['certificate', 'key'],
    ['key', 'certificate'],
  ] as const;
  for (const [one, other] of pair) {
    const missing = ['public', other];
    if (isGiven(check, ['public', one]) && !isGiven(check, missing) && check.isSound(['public', one])) {
      const message = `public.${one} needs public.${other} as well`;
      report(check, 'config.incomplete-pair', ['public', one], message, { at: 'key' });
    }
  }
}

type Guests = CloudConfig['images']['guests'];

/** Looks at the guests as given, so that one wrong entry does not hide the mistakes of the others. */
function checkGuests(check: Check, absolute: (file: string, path: Path) => string): Guests {
  const path = ['images', 'guests'];
  const guests = guestsAsGiven(check.given);
  const names = new Map<unknown, number>();
  const files = guests.map((guest, index) => {
    const at = [...path, index];
    const first = names.get(guest.name);
    if (typeof guest.name === 'string' && first !== undefined) {
      const message = `images.guests has two images named "${guest.name}", the first in line ${check.source.keyPlace([...path, first]).line}`;
      report(check, 'config.duplicate-name', [...at, 'name'], message);
    } else {
      names.set(guest.name, index);
    }
    if (guest.url != null && guest.file != null) {
      report(check, 'config.two-sources', [...at, 'file'], `${dotted(at)} has both url and file; give one`, {
        at: 'key',
      });
    } else if (guest.url == null && guest.file == null) {
      report(check, 'config.no-source', at, `${dotted(at)} has neither url nor file; give one`);
    }
    return typeof guest.file === 'string' && guest.file !== ''
      ? absolute(guest.file, [...at, 'file'])
      : undefined;
  });
  return check.config.images.guests.map((guest, index) =>
    guest.file === undefined ? guest : { ...guest, file: files[index] ?? guest.file },
  );
}

function guestsAsGiven(given: unknown): Record<string, unknown>[] {
  const guests = (given as { images?: { guests?: unknown } } | undefined)?.images?.guests;
  return Array.isArray(guests)
    ? guests.map((guest) => (isMapping(guest) ? guest : { url: '', file: null }))
    : [];
}

function explainUnreadable(file: string): string | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    return fstatSync(handle).isFile() ? undefined : 'it is not a file';
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : messageOf(thrown);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
