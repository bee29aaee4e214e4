import { oneOf, suggest } from '../config/nearest.ts';
import { refusal } from './problem.ts';

export const filesystems = ['ext4', 'xfs'] as const;
export type Filesystem = (typeof filesystems)[number];

/** What `docker volume create --opt` may say of a volume, and the file of settings for those that say nothing. */
export interface VolumeOptions {
  /** GiB; that of its source where not given, and 1 without one. */
  size?: number;
  type?: string;
  availabilityZone?: string;
  /** What it is made of, by name or id: one of these, or nothing. */
  snapshot?: string;
  volume?: string;
  image?: string;
  filesystem?: Filesystem;
  /** As `mount -o` takes them. */
  mountOptions?: string;
  /** Of the directory that containers see, when it is made. */
  uid?: number;
  gid?: number;
  mode?: number;
}

type Key = keyof VolumeOptions;

const MAX_SIZE_GIB = 65_536;
const MAX_ID = 2 ** 32 - 2;
const MAX_TEXT = 255;

/** Names of options, as users write them, with how their text is read. */
const readers: { [K in Key]-?: { name: string; read(text: string, name: string): VolumeOptions[K] } } = {
  size: { name: 'size', read: readSize },
  type: { name: 'type', read: readText },
  availabilityZone: { name: 'availability-zone', read: readText },
  snapshot: { name: 'snapshot', read: readText },
  volume: { name: 'volume', read: readText },
  image: { name: 'image', read: readText },
  filesystem: { name: 'filesystem', read: readFilesystem },
  mountOptions: { name: 'mount-options', read: readMountOptions },
  uid: { name: 'uid', read: readId },
  gid: { name: 'gid', read: readId },
  mode: { name: 'mode', read: readMode },
};

const sources = ['snapshot', 'volume', 'image'] as const;
const keyByName = new Map(Object.entries(readers).map(([key, { name }]) => [name, key as Key]));

export const optionNames = [...keyByName.keys()];
/** What a volume is made of is said of each by itself. */
export const defaultNames = optionNames.filter((name) => !sources.some((source) => source === name));

/**
 * Reads options by their names. Throws `volume.option` for the first that is
 * unknown or has a value that it cannot have.
 */
export function parseOptions(given: Record<string, string> | null, valid = optionNames): VolumeOptions {
  const options: VolumeOptions = {};
  for (const [name, text] of Object.entries(given ?? {})) {
    const key = valid.includes(name) ? keyByName.get(name) : undefined;
    if (key === undefined) {
      const hint = suggest(name, valid);
      throw refusal(
        'option',
        `there is no option "${name}"${hint}`,
        hint ? undefined : `It takes ${oneOf(valid)}.`,
      );
    }
    const { read } = readers[key];
    Object.assign(options, { [key]: read(text, name) });
  }
  const made = sources.filter((source) => options[source] !== undefined);
  if (made.length > 1) throw refusal('option', `a volume is made of one thing, not of ${made.join(' and ')}`);
  return options;
}

function readText(text: string, name: string): string {
  if (text === '') throw refusal('option', `${name} has no value`);
  if (text.length > MAX_TEXT) throw refusal('option', `${name} is longer than ${MAX_TEXT} characters`);
  return text;
}

function readSize(text: string): number {
  const size = readWhole(text, MAX_SIZE_GIB);
  if (size !== undefined && size > 0) return size;
  const number = /^(\d+)\s*(g|gb|gi|gib)$/i.exec(text)?.[1];
  const next = number === undefined ? undefined : `Write ${Number(number)}.`;
  throw refusal('option', `size "${text}" is not a whole number of GiB from 1 to ${MAX_SIZE_GIB}`, next);
}

function readFilesystem(text: string): Filesystem {
  const known = filesystems.find((one) => one === text);
  if (known) return known;
  throw refusal('option', `filesystem "${text}" is not ${oneOf(filesystems)}${suggest(text, filesystems)}`);
}

/** Words and numbers only: what is mounted, and where, is not for them to say. */
function readMountOptions(text: string, name: string): string {
  readText(text, name);
  const wrong = text.split(',').find((one) => !/^[a-z0-9_]+(=[a-zA-Z0-9_.:-]+)?$/.test(one));
  if (wrong !== undefined) throw refusal('option', `${name} "${text}": "${wrong}" is not an option of mount`);
  const other = text.split(',').find((one) => /^(r?bind|move|remount|loop|offset|sizelimit)(=|$)/.test(one));
  if (other !== undefined) throw refusal('option', `${name} "${text}": "${other}" is about another mount`);
  return text;
}

function readId(text: string, name: string): number {
  const id = readWhole(text, MAX_ID);
  if (id === undefined) throw refusal('option', `${name} "${text}" is not a number from 0 to ${MAX_ID}`);
  return id;
}

function readMode(text: string): number {
  if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8);
  throw refusal('option', `mode "${text}" is not three or four octal digits, such as 0750`);
}

function readWhole(text: string, most: number): number | undefined {
  const number = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  return number <= most ? number : undefined;
}

/** Docker hands over any name; those of its own volumes are like this, and Cinder keeps 255 characters. */
export function checkName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw refusal('name', 'the request has no name of a volume');
  if (name.length > MAX_TEXT) {
    throw refusal('name', `the name of a volume has at most ${MAX_TEXT} characters, not ${name.length}`);
  }
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return name;
  throw refusal(
    'name',
    `"${name}" is not the name of a volume: a letter or digit, then letters, digits, "_", "." and "-"`,
  );
}

const MARK = 'docker.driver';
/** How Cinder keeps what a server must know that mounts the volume: as its metadata. */
const kept = { filesystem: 'docker.filesystem', mountOptions: 'docker.mount-options' } as const;
const keptNumbers = { uid: 'docker.uid', gid: 'docker.gid', mode: 'docker.mode' } as const;

/** Who has it mounted, for those who would like to: see takeover.ts. */
export const HOLDER_KEY = 'docker.holder';

export type Metadata = Readonly<Record<string, string>>;

export function metadataOf(options: VolumeOptions): Record<string, string> {
  const metadata: Record<string, string> = { [MARK]: 'cinder' };
  for (const [key, name] of Object.entries({ ...kept, ...keptNumbers })) {
    const value = options[key as Key];
    if (value !== undefined) metadata[name] = String(value);
  }
  return metadata;
}

/** True where Docker uses it: other volumes of the project are nobody's here. */
export function isForDocker(metadata: Metadata): boolean {
  return metadata[MARK] === 'cinder';
}

/** How whoever owns a volume gives it to Docker. */
export const giveToDocker = `openstack volume set --property ${MARK}=cinder`;

/** What was kept of the options; metadata can be changed by hand, so what cannot be read counts as not there. */
export function optionsIn(
  metadata: Metadata,
): Pick<VolumeOptions, 'filesystem' | 'mountOptions' | 'uid' | 'gid' | 'mode'> {
  const filesystem = filesystems.find((one) => one === metadata[kept.filesystem]);
  const mountOptions = metadata[kept.mountOptions];
  const numbers = Object.entries(keptNumbers).flatMap(([key, name]) => {
    const value = readWhole(metadata[name] ?? '', MAX_ID);
    return value === undefined ? [] : [[key, value]];
  });
  return {
    ...(filesystem && { filesystem }),
    ...(mountOptions !== undefined && { mountOptions: readMountOptions(mountOptions, kept.mountOptions) }),
    ...Object.fromEntries(numbers),
  };
}
