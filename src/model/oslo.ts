/** A value of an oslo.config option; a list is written as repeated keys (MultiStrOpt). */
export type OsloValue = string | number | boolean | readonly string[];
/** Group to option to value. */
export type OsloSections = Record<string, Record<string, OsloValue | undefined>>;

/** An option as it is in a file, with where it is from: neither `setting` nor `part` means the service's own words. */
export interface RenderedOption {
  value: OsloValue;
  /** What set it in cloud.yaml, as a dotted path. */
  setting?: string;
  /** The name of what services share (see `part`). */
  part?: string;
}
/** Group to option, without those that have no value. */
export type RenderedSections = Record<string, Record<string, RenderedOption>>;

const PART = Symbol('part');

/** Names sections, or the options of one group, that services share, so that a file can tell which options are from there. */
export function part<T extends object>(name: string, sections: T): T {
  return Object.defineProperty(sections, PART, { value: name });
}

function partOf(sections: object | undefined): string | undefined {
  return (sections as { [PART]?: string } | undefined)?.[PART];
}

/** What `mergeSections` gives, with the layer that each option is from. `settings` come last: what cloud.yaml says at a path. */
export function renderSections(
  layers: readonly OsloSections[],
  settings: { path: string; sections: OsloSections },
): RenderedSections {
  const rendered: RenderedSections = {};
  const all = [...layers, settings.sections];
  for (const [group, options] of Object.entries(mergeSections(...all))) {
    for (const [option, value] of Object.entries(options)) {
      if (value === undefined) continue;
      const layer = all.findLast((one) => option in (one[group] ?? {}));
      const name = partOf(layer?.[group]) ?? partOf(layer);
      const from =
        layer === settings.sections
          ? { setting: `${settings.path}.${group}.${option}` }
          : name === undefined
            ? {}
            : { part: name };
      rendered[group] = { ...rendered[group], [option]: { value, ...from } };
    }
  }
  return rendered;
}

/** The values of rendered sections, as they were before. */
function valuesOf(sections: RenderedSections): OsloSections {
  const options = (group: Record<string, RenderedOption>) =>
    Object.fromEntries(Object.entries(group).map(([option, { value }]) => [option, value]));
  return Object.fromEntries(Object.entries(sections).map(([group, given]) => [group, options(given)]));
}

/** The text of rendered sections. */
export function renderedIni(sections: RenderedSections): string {
  return renderOsloIni(valuesOf(sections));
}

/** Doubles `$`, which oslo.config would otherwise take for the start of a substitution. */
export function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}

/** Later sections win option by option; undefined leaves an option out. */
export function mergeSections(...layers: OsloSections[]): OsloSections {
  const merged: OsloSections = {};
  for (const layer of layers) {
    for (const [group, options] of Object.entries(layer)) {
      merged[group] = { ...merged[group], ...options };
    }
  }
  return merged;
}

/** Text in oslo.config's INI dialect: DEFAULT first, then groups and options by name, one option per line. */
export function renderOsloIni(sections: OsloSections): string {
  const groups = Object.keys(sections).sort((a, b) => rank(a) - rank(b) || compareNames(a, b));
  const blocks: string[] = [];
  for (const group of groups) {
    const lines = Object.entries(sections[group] ?? {})
      .filter((entry): entry is [string, OsloValue] => entry[1] !== undefined)
      .sort(([a], [b]) => compareNames(a, b))
      .flatMap(([option, value]) => optionLines(option, value));
    if (lines.length > 0) blocks.push(`[${group}]\n${lines.join('\n')}\n`);
  }
  return blocks.join('\n');
}

/** By code units: an order by locale would make the file, and so its hash, depend on who renders it. */
function compareNames(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function rank(group: string): number {
  return group === 'DEFAULT' ? 0 : 1;
}

function optionLines(option: string, value: OsloValue): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => `${option} = ${String(one).replaceAll(/\r\n|\r|\n/g, '\n    ')}`);
}
