import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import {
  mergeSections,
  type OsloSections,
  type RenderedSections,
  renderedIni,
  renderSections,
} from '../../src/model/oslo.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

/** An oslo.config file of a process: Gantry's sections with what cloud.yaml overrides. */
export function osloFile(
  context: RenderContext,
  options: { name: string; process: string; gid: number; sections: OsloSections[] },
): RenderedFile {
  const { name, process, gid, sections } = options;
  return fileOf(name, gid, renderSections(sections, settingsOf(name, context.overrides(name, process))));
}

/**
 * The oslo.config file of a job. Of what cloud.yaml overrides it has only the groups that the job needs, and of
 * DEFAULT only the options: an option of an API runs no job again.
 */
export function osloJobFile(
  context: RenderContext,
  options: { name: string; job: string; gid: number; sections: OsloSections[] },
): RenderedFile {
  const { name, job, gid, sections } = options;
  const needed = mergeSections(...sections);
  const overrides: OsloSections = {};
  for (const [group, given] of Object.entries(context.overrides(name, job))) {
    const isNeeded = ([option]: [string, unknown]) =>
      group !== 'DEFAULT' || needed.DEFAULT?.[option] !== undefined;
    if (needed[group]) overrides[group] = Object.fromEntries(Object.entries(given).filter(isNeeded));
  }
  return fileOf(name, gid, renderSections(sections, settingsOf(name, overrides)));
}

function settingsOf(name: string, sections: OsloSections): { path: string; sections: OsloSections } {
  return { path: `config.${name}`, sections };
}

function fileOf(name: string, gid: number, sections: RenderedSections): RenderedFile {
  return file(`${CONFIG_DIR}/${name}`, renderedIni(sections), { gid, sections });
}
