import { z } from 'zod';
import { explainCidr, overlaps, parseAddress, prefixOf } from '../cidr.ts';
import { parseCpuList } from '../cpu-list.ts';
import {
  meantDuration,
  meantQuantity,
  meantSizes,
  parseDuration,
  parseQuantity,
  parseSize,
} from './units.ts';

/** The kinds of values in cloud.yaml, named for the reference. A message completes the sentence "<key> ...". */

/** A mapping with these keys and no others. Left out or left empty, it has all its defaults. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => value ?? {}, z.strictObject(shape));
}

/** A mapping from names, which are checked against the catalogue later, to values of one kind. */
export function byName<Value extends z.ZodType>(value: Value) {
  return z.preprocess((given) => given ?? {}, z.record(z.string(), value));
}

function text(kind: string, isValid: (value: string) => boolean, message: string) {
  return z.string().refine(isValid, message).meta({ kind });
}

/** Text of which the pattern says all; editors are given it as well. */
function matching(kind: string, pattern: RegExp, message: string) {
  return text(kind, (value) => pattern.test(value), message).meta({ kind, pattern: pattern.source });
}

const LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const HOST_LABEL = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** A DNS label (RFC 1123) that starts with a letter. */
export function dnsLabel(maxLength: number) {
  return text(
    'name',
    (value) => value.length <= maxLength && LABEL.test(value),
    `must be lower-case letters, digits and hyphens, start with a letter and have at most ${maxLength} characters`,
  );
}

const HOSTNAME_WANTED = 'must be a host name such as cloud.example.org';

/** A name, or an address in its place, such as the outside one of a machine behind NAT. */
export function hostname() {
  return z.string().superRefine(complain(explainHostname)).meta({ kind: 'host name' });
}

function explainHostname(value: string): string | undefined {
  if (parseAddress(value) !== undefined) return explainUnreachable(value);
  if (value.length > 253 || !value.split('.').every((label) => HOST_LABEL.test(label)))
    return HOSTNAME_WANTED;
  // Clients take such a name for an address: https://url.spec.whatwg.org/#ends-in-a-number-checker
  if (/(^|\.)\d+$/.test(value)) return `${HOSTNAME_WANTED}, or an IPv4 address: its last part is a number`;
  return undefined;
}

const ADDRESS_WANTED = 'must be an IPv4 address such as 10.0.0.1';

export function address() {
  return text('IPv4 address', (value) => parseAddress(value) !== undefined, ADDRESS_WANTED);
}

/** An address of a machine. Where somebody gives a name, `elsewhere` is the key that takes one. */
export function hostAddress(elsewhere: string) {
  const explain = (value: string): string | undefined => {
    if (parseAddress(value) !== undefined) return value === '0.0.0.0' ? undefined : explainUnreachable(value);
    const isName = /[a-zA-Z]/.test(value) && explainHostname(value) === undefined;
    return isName ? `${ADDRESS_WANTED}; a name belongs in ${elsewhere}` : ADDRESS_WANTED;
  };
  return z.string().superRefine(complain(explain)).meta({ kind: 'IPv4 address' });
}

/** An address that servers of the cloud can reach. */
export function serverReachable() {
  const explain = (value: string): string | undefined => {
    if (parseAddress(value) === undefined) return ADDRESS_WANTED;
    if (value.startsWith('127.')) return 'is on the loopback, where a server finds nobody but itself';
    if (overlaps(`${value}/32`, LINK_LOCAL))
      return `is link-local (${LINK_LOCAL}), which no router passes on`;
    return explainUnreachable(value);
  };
  return z.string().superRefine(complain(explain)).meta({ kind: 'IPv4 address' });
}

function explainUnreachable(value: string): string | undefined {
  const firstOctet = Number(value.split('.')[0]);
  return firstOctet === 0 || firstOctet >= 224 ? 'is reserved and no address of a machine' : undefined;
}

function complain(explain: (value: string) => string | undefined) {
  return (value: string, context: z.core.$RefinementCtx<string>): void => {
    const wrong = explain(value);
    if (wrong) context.addIssue({ code: 'custom', message: wrong });
  };
}

const INTERFACE = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;

/** The kernel takes nearly any letters; what people name interfaces is less, and safe in scripts. */
export function interfaceName() {
  const wanted =
    'must be the name of a network interface: at most 15 letters, digits, dots, hyphens and underscores';
  const explain = (value: string): string | undefined => {
    if (INTERFACE.test(value)) return undefined;
    // `ip link` shows interfaces that lie on another one so.
    const meant = value.replace(/@.*$/, '');
    return wanted + didYouMean(meant !== value && INTERFACE.test(meant) ? [meant] : []);
  };
  return z.string().superRefine(complain(explain)).meta({ kind: 'text' });
}

const UNUSABLE_FIRST_OCTETS = [0, 127];
/** RFC 3927. Servers ask 169.254.169.254 for their metadata, and that must not be anybody's address. */
const LINK_LOCAL = '169.254.0.0/16';

/** A network for hosts, of at least `2^(32 - longestPrefix)` addresses. */
export function subnet(longestPrefix: number) {
  return z
    .string()
    .superRefine(complain((value) => explainCidr(value) ?? explainUnusable(value, longestPrefix)))
    .meta({ kind: 'IPv4 network' });
}

function explainUnusable(cidr: string, longestPrefix: number): string | undefined {
  const firstOctet = Number(cidr.split('.')[0]);
  if (UNUSABLE_FIRST_OCTETS.includes(firstOctet) || firstOctet >= 224) {
    return 'is reserved and cannot be given to hosts';
  }
  if (overlaps(cidr, LINK_LOCAL)) {
    return `holds addresses of ${LINK_LOCAL}, where servers find their metadata (169.254.169.254)`;
  }
  const prefix = prefixOf(cidr);
  if (prefix < 8) return 'is too large; the prefix length must be /8 or more';
  if (prefix > longestPrefix) return `is too small; the prefix length must be /${longestPrefix} or less`;
  return undefined;
}

export function port() {
  return integer(1, 65_535);
}

export function integer(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .int({ error: whenNumber(error) })
    .min(minimum, error)
    .max(maximum, error)
    .meta({ kind: `whole number from ${minimum} to ${maximum}` });
}

export function positiveNumber(maximum: number) {
  const error = `must be a number above 0 and at most ${maximum}`;
  return z
    .number({ error: whenNumber(error) })
    .positive(error)
    .max(maximum, error)
    .meta({ kind: 'number' });
}

/** CPUs or NUMA nodes by number; `what` is one of these words. One alone may be written as a number. */
export function cpuList(what: 'CPUs' | 'NUMA nodes') {
  const isList = (value: string): boolean => parseCpuList(value) !== undefined;
  const wanted = `must be a list of ${what} such as 0-3,8`;
  return z
    .union([z.string(), z.int()], { error: wanted })
    .transform(String)
    .refine(isList, wanted)
    .meta({ kind: `list of ${what}` });
}

/** The kind of such a setting, by which it is found. */
export const BLOCK_DEVICES = 'list of block devices';

/** The block devices of one class, for a process that runs once for each of them. */
export function blockDevices() {
  const device = z.strictObject({
    path: matching(
      'path',
      /^\/dev(\/[A-Za-z0-9_.:+-]*[A-Za-z0-9_:+-])+$/,
      'must be the path of a device such as /dev/disk/by-id/wwn-0x5000c500a1b2c3d4',
    ).describe('Where the node has it: best in /dev/disk/by-id, which stays the same after a restart.'),
    node: matching(
      'text',
      /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
      'must be the label kubernetes.io/hostname of a node',
    )
      .optional()
      .describe('The node that has it, by its label kubernetes.io/hostname. Needed on Kubernetes only.'),
  });
  return z
    .array(device)
    .superRefine(
      refuseTwice(
        ({ node = '', path }) => `${node}:${path}`,
        (index) => [index, 'path'],
      ),
    )
    .default([])
    .meta({ kind: BLOCK_DEVICES });
}

/** The kind of such a setting, by which it is found. */
export const DIRECTORIES = 'list of directories';

/** Directories of the machine that volumes are made of, each of one: for engines of one machine. */
export function directories() {
  const directory = matching(
    'path',
    /^(\/(?!\.{1,2}(\/|$))[^/\0:]+)+$/,
    'must be the path of a directory such as /srv/disk1/objects, without colons and dots alone',
  );
  return z
    .array(directory)
    .superRefine(refuseTwice((path) => path))
    .default([])
    .meta({ kind: DIRECTORIES });
}

/** An export of NFS, as mount(8) takes it. */
export function nfsExport() {
  const wanted = 'must be an NFS export such as nfs.example.org:/volumes';
  const explain = (value: string): string | undefined => {
    const [, host = '', path = ''] = /^([^:]*):(.*)$/.exec(value) ?? [];
    if (!/^(\/(?!\.{1,2}(\/|$))[^/\0,\s]+)+$/.test(path)) return wanted;
    return host === '' ? wanted : explainHostname(host);
  };
  return z.string().superRefine(complain(explain)).meta({ kind: 'NFS export' });
}

/** Refuses a list that has something twice, at the place of the second. */
export function refuseTwice<Item>(
  keyOf: (item: Item) => string,
  placeOf: (index: number) => (string | number)[] = (index) => [index],
) {
  return (items: Item[], context: z.core.$RefinementCtx<Item[]>): void => {
    const keys = items.map(keyOf);
    const index = keys.findIndex((key, at) => keys.indexOf(key) !== at);
    if (index >= 0) {
      context.addIssue({ code: 'custom', path: placeOf(index), message: 'is in the list already' });
    }
  };
}

/** The message for a number of the wrong kind or in the place of text; other types get the general one. */
function whenNumber(message: string) {
  return (issue: { input?: unknown }) => (typeof issue.input === 'number' ? message : undefined);
}

/** Text that `parse` makes a number of, at least that of `minimum`; `meant` is what a wrong one may have been to say. */
function measure(
  kind: string,
  minimum: string,
  {
    wanted,
    parse,
    meant,
  }: {
    wanted: string;
    parse: (text: string) => number | undefined;
    meant: (text: string) => readonly string[];
  },
) {
  const least = parse(minimum) as number;
  const explain = (text: string): string | undefined => {
    const value = parse(text);
    if (value === undefined) return wanted + didYouMean(meant(text));
    return value < least ? `must be at least ${minimum}` : undefined;
  };
  return z
    .string({ error: whenNumber(wanted) })
    .superRefine(complain(explain))
    .meta({ kind });
}

export function size(minimum: string) {
  return measure('size', minimum, {
    wanted: 'must be a size such as 512MiB',
    parse: parseSize,
    meant: meantSizes,
  });
}

/** The size of a volume, in the words of Kubernetes; a number alone would be bytes, and is never meant so. */
export function quantity(minimum: string) {
  return measure('quantity', minimum, {
    wanted: 'must be a quantity with its unit, such as 50Gi',
    parse: (text) => (/[kMGTPE]i?$/.test(text) ? parseQuantity(text) : undefined),
    meant: meantQuantity,
  });
}

export function duration(minimum: string) {
  return measure('duration', minimum, {
    wanted: 'must be a duration such as 24h',
    parse: parseDuration,
    meant: meantDuration,
  });
}

function didYouMean(meant: readonly string[]): string {
  return meant.length === 0 ? '' : `; did you mean ${meant.map((text) => `"${text}"`).join(' or ')}?`;
}

/** A file; the loader makes it absolute and checks that it can be read. */
export function filePath() {
  return text('path', (value) => value !== '' && !value.includes('\0'), 'must be the path of a file');
}

export function httpUrl() {
  return text(
    'URL',
    (value) => {
      const url = URL.canParse(value) ? new URL(value) : undefined;
      return url !== undefined && /^https?:$/.test(url.protocol) && !/\s/.test(value);
    },
    'must be an http:// or https:// address',
  );
}

export function checksum() {
  return matching(
    'checksum',
    /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    'must be sha256: and 64 hexadecimal digits (lower case), or sha512: and 128 of them',
  );
}

/** A switch that may say as well by what. */
export function switchOr<const Word extends string>(word: Word) {
  return z
    .union([z.boolean(), z.literal(word)], { error: `must be true, false or ${word}` })
    .meta({ kind: `\`true\`, \`false\`, \`${word}\`` });
}

/** Text without spaces or control characters, such as a region or an interface. */
export function word(pattern: RegExp, message: string) {
  return matching('text', pattern, message);
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const scalarMessage = 'must be text, a number, true or false';

/** A single value that is passed on as text. */
export function plainValue() {
  return z.union([z.string(), z.number(), z.boolean()], { error: scalarMessage }).meta({ kind: 'value' });
}

/** The value of an oslo option: one value, or a list of them. */
export function optionValue() {
  return z
    .union([scalar, z.array(scalar)], { error: `${scalarMessage}, or a list of those` })
    .meta({ kind: 'value, or list of values' });
}
