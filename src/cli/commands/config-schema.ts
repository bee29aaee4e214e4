import { editorSchema } from '../../config/editor-schema.ts';
import { cloudSchema } from '../../config/schema.ts';
import { ExitCode } from '../../errors.ts';
import { loadCatalogue } from '../../resolve/catalogue.ts';
import { knownNames } from '../../resolve/known.ts';
import { projectRoot } from '../../root.ts';
import type { Command } from '../command.ts';

/** Of no cloud in particular: whoever writes the first cloud.yaml has it too. */
export const run: Command<'config schema'> = async () => {
  const root = projectRoot();
  const catalogue = await loadCatalogue(root);
  const schema = editorSchema(cloudSchema(catalogue), knownNames(root, catalogue));
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return ExitCode.done;
};
