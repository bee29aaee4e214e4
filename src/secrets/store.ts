import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GantryError } from '../errors.ts';
import type { SecretNeed } from '../model/declaration.ts';
import type { PrivateFiles } from './files.ts';
import { generateSecret, isWellFormed, type Random, type SecretValue, secretKinds } from './generate.ts';

const FILE = 'secrets.json';
/** Random bytes never collide this often; a broken source of them must not hang. */
const MAX_ATTEMPTS = 10;

const fileSchema = z.strictObject({
  version: z.literal(1),
  secrets: z.record(
    z.string(),
    z.strictObject({
      kind: z.enum(secretKinds),
      value: z.string(),
      publicKey: z.string().optional(),
      turn: z.number().int().nonnegative().optional(),
      other: z.string().optional(),
      changing: z.literal(true).optional(),
    }),
  ),
});

/** The secrets of one cloud, kept in a file. Values are in private fields, out of reach of dumps and JSON. */
export class SecretStore {
  readonly #files: PrivateFiles;
  readonly #random: Random;
  #secrets: Map<string, SecretValue>;

  constructor(files: PrivateFiles, random: Random, secrets: Map<string, SecretValue>) {
    this.#files = files;
    this.#random = random;
    this.#secrets = secrets;
  }

  /** Generates what is missing and keeps all else; returns the names of the new ones. Written when it returns. */
  ensure(needs: readonly SecretNeed[]): string[] {
    const next = new Map(this.#secrets);
    const added: string[] = [];
    for (const { name, kind } of needs) {
      const existing = next.get(name);
      if (existing && existing.kind !== kind) throw wrongKind(name, existing.kind, kind);
      if (existing) continue;
      next.set(name, this.#generateUnique(kind, next));
      added.push(name);
    }
    if (added.length > 0) this.#save(next);
    return added;
  }

  /**
   * Value of a secret; of a key pair the private key. With `.pub` added to the name it is the public key, with
   * `.other` the password of the other login, or the other key, while two are valid.
   */
  get(name: string): string {
    const [, of = '', part] = /^(.*)\.(pub|other)$/.exec(name) ?? [];
    const { publicKey, other } = this.#secrets.get(of) ?? {};
    const value = this.#secrets.get(name)?.value ?? (part === 'pub' ? publicKey : other);
    if (value === undefined) throw unknownSecret(name);
    return value;
  }

  /** Where the turns of the two logins with this password, or of a key, stand; undefined where it was never changed. */
  turn(name: string): { second: boolean; both: boolean } | undefined {
    const { turn, other } = this.#existing(name);
    return turn === undefined ? undefined : { second: turn % 2 === 1, both: other !== undefined };
  }

  /** Whether the other was made anew and `settle` has not said yet that its turn is done. */
  isChanging(name: string): boolean {
    return this.#existing(name).changing === true;
  }

  /** Makes a password for the other login, or another key, beside the one in use. */
  addOther(names: readonly string[]): void {
    this.#change(names, (secret, taken) => {
      const other = secret.other ?? this.#generateUnique(secret.kind, taken).value;
      return { ...secret, turn: secret.turn ?? 0, other };
    });
  }

  /** Makes the other anew, which from now on is what it was never before. */
  renewOther(names: readonly string[]): void {
    this.#change(names, (secret, taken) => ({
      ...secret,
      turn: secret.turn ?? 0,
      other: this.#generateUnique(secret.kind, taken).value,
      changing: true,
    }));
  }

  /** Says that what `renewOther` began is done. Both stay valid. */
  settle(names: readonly string[]): void {
    this.#change(names, ({ changing: _done, ...secret }) => secret);
  }

  /** Puts the other to use. Both stay valid. */
  switchToOther(names: readonly string[]): void {
    this.#change(names, ({ turn = 0, other, ...secret }) =>
      other === undefined
        ? { ...secret, turn }
        : { ...secret, turn: turn + 1, value: other, other: secret.value },
    );
  }

  /** Forgets the one that is not in use. */
  removeOther(names: readonly string[]): void {
    this.#change(names, ({ other: _gone, ...secret }) => secret);
  }

  /** All secret values, the ones that are not in use among them. */
  values(): string[] {
    return [...this.#secrets.values()].flatMap(({ value, other }) => [value, other ?? []].flat());
  }

  #existing(name: string): SecretValue {
    const secret = this.#secrets.get(name);
    if (!secret) throw unknownSecret(name);
    return secret;
  }

  #change(
    names: readonly string[],
    change: (secret: SecretValue, taken: ReadonlyMap<string, SecretValue>) => SecretValue,
  ): void {
    const next = new Map(this.#secrets);
    for (const name of names) next.set(name, change(this.#existing(name), next));
    this.#save(next);
  }

  #generateUnique(kind: SecretNeed['kind'], taken: ReadonlyMap<string, SecretValue>): SecretValue {
    const values = new Set([...taken.values()].flatMap(({ value, other }) => [value, other]));
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const secret = generateSecret(kind, this.#random);
      if (!values.has(secret.value)) return secret;
    }
    throw new GantryError({
      code: 'secrets.not-random',
      whose: 'environment',
      message: 'the source of random numbers repeats itself',
    });
  }

  #save(secrets: Map<string, SecretValue>): void {
    const sorted = [...secrets].sort(([a], [b]) => (a < b ? -1 : 1));
    const content = { version: 1, secrets: Object.fromEntries(sorted) };
    this.#files.write(FILE, `${JSON.stringify(content, null, 2)}\n`);
    this.#secrets = secrets;
  }
}

/** Whether secrets are kept in a directory. */
export function hasSecrets(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** Opens the secrets kept among these files. Throws a GantryError where theirs is damaged, and leaves it as it is. */
export function openSecrets(files: PrivateFiles, { random }: { random: Random }): SecretStore {
  const text = files.read(FILE);
  const secrets = text === undefined ? new Map() : parseSecrets(text, join(files.directory, FILE));
  return new SecretStore(files, random, secrets);
}

function parseSecrets(text: string, path: string): Map<string, SecretValue> {
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw damaged(path, 'It is not the JSON that Gantry writes.');
  const secrets = new Map(Object.entries(parsed.data.secrets));
  for (const [name, secret] of secrets) {
    if (!isWellFormed(secret)) throw damaged(path, `The value of "${name}" is not a ${secret.kind}.`);
  }
  return secrets;
}

/** undefined for what is no JSON: the parser's own message quotes the text, which is secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(path: string, why: string): GantryError {
  return new GantryError({
    code: 'secrets.damaged',
    whose: 'environment',
    message: `the secrets in ${path} are damaged`,
    why,
    next: "Put the file back from a backup. Without it the cloud's data cannot be used; it has been left as it is.",
  });
}

function wrongKind(name: string, is: string, wanted: string): GantryError {
  return new GantryError({
    code: 'secrets.wrong-kind',
    whose: 'bug',
    message: `secret "${name}" is kept as ${is}, but ${wanted} is needed`,
  });
}

function unknownSecret(name: string): GantryError {
  return new GantryError({
    code: 'secrets.unknown',
    whose: 'bug',
    message: `there is no secret "${name}"`,
  });
}
