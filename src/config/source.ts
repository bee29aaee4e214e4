import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import { ExitCode, GantryError, messageOf, type Place } from '../errors.ts';

export type Path = readonly (string | number)[];

/** More nodes than any real cloud.yaml has: aliases that multiply each other stop here. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;

interface Span {
  key?: number;
  value: number;
}

/** The text of a cloud.yaml as plain values, with the place of each key and value. */
export class Source {
  /** Mappings, lists and scalars. Mistakes of the text itself are left out of it. */
  readonly value: unknown;
  /** Syntax errors, duplicate keys and what else YAML allows but cloud.yaml does not. */
  readonly errors: GantryError[] = [];
  /** False after a syntax error: then `value` is undefined, as what follows the error cannot be trusted. */
  readonly isReadable: boolean;

  readonly #file: string;
  readonly #lines: string[];
  readonly #counter = new LineCounter();
  readonly #spans = new Map<string, Span>();
  readonly #broken = new Set<string>();
  #nodes = 0;

  constructor(file: string, text: string) {
    this.#file = file;
    const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.#lines = content.split(/\r\n|\n|\r/);
    const document = this.#parse(content);
    this.isReadable = this.errors.length === 0;
    this.value =
      document?.contents && this.isReadable
        ? this.#convert(document, document.contents as Node, [], [])
        : undefined;
  }

  /** Place of the value at this path, or of the nearest mapping around it that was written. */
  valuePlace(path: Path): Place {
    return this.#placeAt(this.#nearestSpan(path).value);
  }

  /** Place of the key at this path; of the value for a list's items. */
  keyPlace(path: Path): Place {
    const span = this.#nearestSpan(path);
    return this.#placeAt(span.key ?? span.value);
  }

  has(path: Path): boolean {
    return this.#spans.has(pathKey(path));
  }

  /** True where a mistake of the text itself hides the value; it has been reported. */
  isBroken(path: Path): boolean {
    return this.#broken.has(pathKey(path));
  }

  #nearestSpan(path: Path): Span {
    for (let length = path.length; length >= 0; length -= 1) {
      const span = this.#spans.get(pathKey(path.slice(0, length)));
      if (span) return length === path.length ? span : { value: span.key ?? span.value };
    }
    return { value: 0 };
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#counter.linePos(offset);
    const place = { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
    return { ...place, text: this.#lines[place.line - 1] ?? '' };
  }

  #report(code: string, offset: number, message: string, next?: string): void {
    this.errors.push(configError(code, message, this.#placeAt(offset), { next }));
  }

  #parse(content: string): Document | undefined {
    try {
      const document = parseDocument(content, {
        lineCounter: this.#counter,
        prettyErrors: false,
        uniqueKeys: false,
        schema: 'core',
        version: '1.2',
      });
      const seen = new Set<number>();
      for (const error of [...document.errors, ...document.warnings]) {
        // The parser often says in several ways what is wrong at one place; the first is the cause.
        if (seen.has(error.pos[0])) continue;
        seen.add(error.pos[0]);
        this.#report('config.syntax', error.pos[0], `not valid YAML: ${describeSyntax(error)}`);
      }
      return document;
    } catch (thrown) {
      const why = thrown instanceof RangeError ? 'nested too deeply' : messageOf(thrown);
      this.#report('config.syntax', 0, `not valid YAML: ${why}`);
      return undefined;
    }
  }

  #convert(document: Document, node: Node | null, path: Path, around: Node[]): unknown {
    const offset = node?.range?.[0] ?? this.#spans.get(pathKey(path))?.value ?? 0;
    const known = this.#spans.get(pathKey(path));
    this.#spans.set(pathKey(path), { ...known, value: offset });
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || path.length > MAX_DEPTH) {
      if (this.#nodes <= MAX_NODES + 1) this.#report('config.too-large', offset, 'too much content');
      this.#nodes = MAX_NODES + 1;
      this.#broken.add(pathKey(path));
      return undefined;
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (!target || around.includes(target)) {
        const why = target ? 'refers to itself' : `has no anchor &${node.source} before it`;
        this.#report('config.alias', offset, `alias *${node.source} ${why}`);
        this.#broken.add(pathKey(path));
        return undefined;
      }
      const value = this.#convert(document, target, path, around);
      this.#spans.set(pathKey(path), { ...known, value: offset });
      return value;
    }
    if (isMap(node)) return this.#convertMap(document, node, path, [...around, node]);
    if (isSeq(node)) {
      return node.items.map((item, index) =>
        this.#convert(document, item as Node | null, [...path, index], [...around, node]),
      );
    }
    return isScalar(node) ? plainScalar(node, { verbatim: isVerbatim(path) }) : null;
  }

  #convertMap(document: Document, map: YAMLMap, path: Path, around: Node[]): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const pair of map.items) {
      if (!isPair(pair)) continue;
      const key = pair.key as Node | null;
      const offset = key?.range?.[0] ?? map.range?.[0] ?? 0;
      const name = this.#keyName(document, key);
      if (name === undefined || name === '__proto__' || isCollection(key)) {
        this.#report('config.wrong-type', offset, 'a key must be plain text');
        continue;
      }
      if (name === '<<') {
        const next = 'Write the keys out; an alias may stand for a whole value.';
        this.#report('config.merge-key', offset, 'merge keys (<<) are not supported', next);
        continue;
      }
      const keyPath = [...path, name];
      if (Object.hasOwn(result, name)) {
        const first = this.keyPlace(keyPath).line;
        this.#report('config.duplicate-key', offset, `"${name}" is given twice; first in line ${first}`);
        continue;
      }
      const end = key?.range?.[1] ?? offset;
      this.#spans.set(pathKey(keyPath), { key: offset, value: end });
      result[name] = this.#convert(document, pair.value as Node | null, keyPath, around);
      const span = this.#spans.get(pathKey(keyPath)) as Span;
      this.#spans.set(pathKey(keyPath), { ...span, key: offset });
    }
    return result;
  }

  #keyName(document: Document, key: Node | null): string | undefined {
    const node = isAlias(key) ? key.resolve(document) : key;
    if (!isScalar(node)) return undefined;
    return node.source ?? String(node.value);
  }
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value holds at this path; undefined where there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

function pathKey(path: Path): string {
  return path.map((part) => `${typeof part === 'number' ? '#' : '.'}${part}`).join('\0');
}

/** oslo options and image properties are text in the end: `0644` and `1.10` must arrive as they were written. */
function isVerbatim(path: Path): boolean {
  return path[0] === 'config' || (path[0] === 'images' && path[3] === 'properties');
}

function plainScalar({ value, source }: Scalar, { verbatim }: { verbatim: boolean }): unknown {
  if (typeof value === 'number' && verbatim && source !== undefined && String(value) !== source) {
    return source;
  }
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  return source ?? String(value);
}

/** The parser's message, where it does not speak to programmers. */
function describeSyntax({ code, message }: YAMLParseError | YAMLWarning): string {
  if (code === 'MULTIPLE_DOCS') return 'the file has a second document';
  if (code === 'TAG_RESOLVE_FAILED') return 'tags are not supported';
  if (code === 'MISSING_CHAR' && message.startsWith('Missing closing')) return 'a quoted text is not closed';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** A mistake in the user's configuration; exit code 65. */
export function configError(
  code: string,
  message: string,
  place: Place | undefined,
  more: { why?: string; next?: string; cause?: unknown } = {},
): GantryError {
  return new GantryError({
    code,
    whose: 'user',
    message,
    exitCode: ExitCode.invalidConfiguration,
    ...(place && { place }),
    ...more,
  });
}
