import { file } from '../../src/model/make.ts';
import { type OsloSections, renderOsloIni } from '../../src/model/oslo.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

/**
 * A file of PasteDeploy, which substitutes what `%` introduces and nothing else.
 * https://docs.pylonsproject.org/projects/pastedeploy/en/latest/
 */
export function pasteFile(name: string, gid: number, sections: OsloSections): RenderedFile {
  return file(`${CONFIG_DIR}/${name}`, renderOsloIni(sections).replaceAll('%', '%%'), { gid });
}
