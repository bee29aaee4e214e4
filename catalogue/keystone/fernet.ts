/** A key of Keystone's Fernet repository: the staged one is 0, the one that signs has the highest number. */
interface FernetKey {
  index: number;
  /** Seconds since the epoch: the rotation that made it as the staged one. */
  madeAt: number;
}

export interface FernetRotation {
  /** Keys that only decrypt after the rotation, the one that signs now among them. */
  decrypting: number;
  /** The key that is dropped, where there are more than are kept. */
  dropped: number | undefined;
  /** Seconds since the epoch from which on no valid token needs the key that is dropped. */
  safeFrom: number;
}

/**
 * What a rotation would come to, from lines `INDEX SECONDS` of the key files. `kept` is Keystone's max_active_keys,
 * `lifetime` that of a token in seconds.
 */
export function planFernetRotation(listing: string, kept: number, lifetime: number): FernetRotation {
  const keys = listing
    .trim()
    .split('\n')
    .map((line): FernetKey => {
      const [index = Number.NaN, madeAt = Number.NaN] = line.split(' ').map(Number);
      return { index, madeAt };
    })
    .sort((a, b) => a.index - b.index);
  const used = keys.filter(({ index }) => index > 0);
  const staged = keys.find(({ index }) => index === 0);
  if (keys.length + 1 <= kept) return { decrypting: used.length, dropped: undefined, safeFrom: 0 };
  const dropped = used[0]?.index ?? 0;
  // A key signed until the next one did, which was the rotation that made the one after that.
  const signedUntil = (keys.find(({ index }) => index === dropped + 2) ?? staged)?.madeAt ?? 0;
  return { decrypting: used.length - 1, dropped, safeFrom: signedUntil + lifetime };
}
