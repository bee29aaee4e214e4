import { readFile } from 'node:fs/promises';

/** systemd-resolved names the servers that it asks itself in the second, and its own address on loopback in the first. */
const files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** IPv4 addresses of this machine's name servers that others can ask too: those that are not on its loopback. */
export async function readNameServers(): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.map(parseNameServers).find((servers) => servers.length > 0) ?? [];
}

/** Format: resolv.conf(5). */
export function parseNameServers(text: string): string[] {
  return [...text.matchAll(/^nameserver\s+(\d+(?:\.\d+){3})\s*$/gm)]
    .map(([, address]) => address as string)
    .filter((address) => !address.startsWith('127.'));
}
