import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { type OsloSections, renderOsloIni } from '../../src/model/oslo.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { osloFile } from '../common/oslo-file.ts';

/** A file of PasteDeploy with what cloud.yaml overrides. */
export function pasteFile(
  context: RenderContext,
  { name, process, sections }: { name: string; process: string; sections: OsloSections },
): RenderedFile {
  const written = osloFile(context, { name, process, gid: users.swift, sections: [sections] });
  return { ...written, content: literal(written.content) };
}

/** One of which cloud.yaml says nothing. */
export function fixedPasteFile(name: string, sections: OsloSections): RenderedFile {
  return file(`${CONFIG_DIR}/${name}`, literal(renderOsloIni(sections)), { gid: users.swift });
}

/** PasteDeploy substitutes what `%` introduces: https://docs.pylonsproject.org/projects/pastedeploy/en/latest/ */
function literal(text: string): string {
  return text.replaceAll('%', '%%');
}
