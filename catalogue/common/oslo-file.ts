import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { mergeSections, type OsloSections, renderOsloIni } from '../../src/model/oslo.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

/** An oslo.config file of a process: Gantry's sections with what cloud.yaml overrides. */
export function osloFile(
  context: RenderContext,
  options: { name: string; process: string; gid: number; sections: OsloSections[] },
): RenderedFile {
  const sections = mergeSections(...options.sections, context.overrides(options.name, options.process));
  return file(`${CONFIG_DIR}/${options.name}`, renderOsloIni(sections), { gid: options.gid });
}

/**
 * The oslo.config file of a job. Of what cloud.yaml overrides it has only the groups that the job needs, and of
 * DEFAULT only the options: an option of an API runs no job again.
 */
export function osloJobFile(
  context: RenderContext,
  options: { name: string; job: string; gid: number; sections: OsloSections[] },
): RenderedFile {
  const needed = mergeSections(...options.sections);
  const overrides: OsloSections = {};
  for (const [group, given] of Object.entries(context.overrides(options.name, options.job))) {
    const isNeeded = ([option]: [string, unknown]) =>
      group !== 'DEFAULT' || needed.DEFAULT?.[option] !== undefined;
    if (needed[group]) overrides[group] = Object.fromEntries(Object.entries(given).filter(isNeeded));
  }
  const content = renderOsloIni(mergeSections(needed, overrides));
  return file(`${CONFIG_DIR}/${options.name}`, content, { gid: options.gid });
}
