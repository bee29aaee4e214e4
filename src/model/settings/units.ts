const SIZE = /^(\d+(?:\.\d+)?)\s?(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)$/;
const BYTES: Record<string, number> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};
const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** Bytes of a size such as `512MiB` or `1.5GB` (IEC and SI units), or undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const bytes = Number(amount) * (BYTES[unit] ?? 1);
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

/** What somebody meant who wrote a size as other programs take it: `512M` is 512MB to some and 512MiB to others. */
export function meantSizes(text: string): string[] {
  const [, amount, letter, binary, bytes] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt])(i?)(b?)\s*$/i.exec(text) ?? [];
  if (amount === undefined || letter === undefined) return [];
  const unit = letter.toUpperCase();
  const [decimal, iec] = [`${amount}${unit === 'K' ? 'k' : unit}B`, `${amount}${unit}iB`];
  if (binary) return [iec];
  return bytes && letter !== 'K' ? [decimal] : [decimal, iec];
}

/** Size in whole mebibytes, rounded up; throws RangeError where the text is no size. */
export function mebibytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new RangeError(`"${text}" is not a size such as 512MiB`);
  return Math.ceil(bytes / 2 ** 20);
}

const QUANTITY = /^(\d+(?:\.\d+)?|\.\d+)(?:(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE](\d+))?$/;
const QUANTITY_UNITS: Record<string, number> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Bytes of a Kubernetes quantity such as `50Gi`, or undefined where the text is none.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: string): number | undefined {
  const [, amount, unit, exponent] = QUANTITY.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const factor = unit === undefined ? 10 ** Number(exponent ?? 0) : (QUANTITY_UNITS[unit] ?? 1);
  return Math.round(Number(amount) * factor);
}

/** What somebody meant who wrote a quantity as a size, or in other letters. */
export function meantQuantity(text: string): string[] {
  const [, amount, letter, binary] = /^\s*(\d+(?:\.\d+)?)\s*([kmgtpe])(i?)b?\s*$/i.exec(text) ?? [];
  if (amount === undefined || letter === undefined) return [];
  const unit = letter.toUpperCase();
  return [`${amount}${unit === 'K' && !binary ? 'k' : unit}${binary ? 'i' : ''}`];
}

/** The shortest exact form in IEC units: 536870912 is `512MiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    const size = BYTES[unit] as number;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** Seconds of a duration such as `24h`, `90s` or `1d12h`, or undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (text === '' || !match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** What somebody meant who wrote the unit of a duration out, or a space before it. */
export function meantDuration(text: string): string[] {
  const [, amount, unit] =
    /^\s*(\d+)\s*(d|h|m|s|days?|hours?|hrs?|min(?:s|utes?)?|sec(?:s|onds?)?)\s*$/i.exec(text) ?? [];
  return amount === undefined || unit === undefined ? [] : [`${amount}${unit.charAt(0).toLowerCase()}`];
}

/** The shortest form of whole seconds: 86400 is `1d`. */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const text = parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('');
  return text === '' ? '0s' : text;
}
