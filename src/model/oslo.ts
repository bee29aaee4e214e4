/** A value of an oslo.config option; a list is written as repeated keys (MultiStrOpt). */
export type OsloValue = string | number | boolean | readonly string[];
/** Group to option to value. */
export type OsloSections = Record<string, Record<string, OsloValue | undefined>>;

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
