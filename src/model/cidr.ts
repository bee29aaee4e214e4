/** IPv4 addresses and networks in CIDR notation (RFC 4632), as plain text in and out. */

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** An IPv4 network; `first` is the network address as an unsigned 32-bit number, `size` its count of addresses. */
interface Block {
  first: number;
  prefix: number;
  size: number;
}

/** The address as an unsigned 32-bit number, or undefined where it is not a dotted quad. */
export function parseAddress(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined;
    value = value * 256 + Number(octet);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Why the text is not a network such as 10.0.0.0/24, or undefined where it is one. */
export function explainCidr(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const value = parseAddress(address);
  if (value === undefined || prefix === undefined || rest.length > 0) {
    return 'is not an IPv4 network such as 10.0.0.0/24';
  }
  if (!/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) {
    return `has the prefix length /${prefix}; it must be between /0 and /32`;
  }
  const size = 2 ** (32 - Number(prefix));
  if (value % size !== 0) {
    return `is an address inside a network; the network is ${formatAddress(value - (value % size))}/${prefix}`;
  }
  return undefined;
}

function parseBlock(cidr: string): Block {
  const wrong = explainCidr(cidr);
  if (wrong) throw new RangeError(`${cidr} ${wrong}`);
  const [address, prefix] = cidr.split('/') as [string, string];
  return {
    first: parseAddress(address) as number,
    prefix: Number(prefix),
    size: 2 ** (32 - Number(prefix)),
  };
}

/** Length of the prefix, 0 to 32. Throws RangeError where `cidr` is not a network. */
export function prefixOf(cidr: string): number {
  return parseBlock(cidr).prefix;
}

/** Count of addresses, network and broadcast address included. */
export function sizeOf(cidr: string): number {
  return parseBlock(cidr).size;
}

/**
 * The nth address, counted from the network address (0); negative counts from the broadcast address (-1).
 * Throws RangeError outside the network.
 */
export function nthAddress(cidr: string, n: number): string {
  const block = parseBlock(cidr);
  const offset = n < 0 ? block.size + n : n;
  if (!Number.isInteger(n) || offset < 0 || offset >= block.size) {
    throw new RangeError(`${cidr} has no address number ${n}`);
  }
  return formatAddress(block.first + offset);
}

/** True where the address lies in the network; network and broadcast address count as inside. */
export function containsAddress(cidr: string, address: string): boolean {
  const value = parseAddress(address);
  const block = parseBlock(cidr);
  return value !== undefined && value >= block.first && value < block.first + block.size;
}

/** True where a host may have the address: inside, and neither the network nor the broadcast address. */
export function isHostAddress(cidr: string, address: string): boolean {
  if (!containsAddress(cidr, address)) return false;
  const { size } = parseBlock(cidr);
  return size <= 2 || (address !== nthAddress(cidr, 0) && address !== nthAddress(cidr, -1));
}

export function overlaps(one: string, other: string): boolean {
  const a = parseBlock(one);
  const b = parseBlock(other);
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** Negative, zero or positive as `one` is before, equal to or after `other`; for sorting and ranges. */
export function compareAddresses(one: string, other: string): number {
  return (parseAddress(one) ?? Number.NaN) - (parseAddress(other) ?? Number.NaN);
}
