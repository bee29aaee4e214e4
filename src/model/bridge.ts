/** Name of the Linux bridge behind a network; the kernel allows 15 characters. */
export function bridgeName(cloud: string, role: 'internal' | 'external'): string {
  return `${cloud.slice(0, 11)}-${role === 'external' ? 'ex' : 'in'}`;
}
