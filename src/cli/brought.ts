import { listCatalogue } from '../resolve/catalogue.ts';
import { loadOperations } from '../resolve/operations.ts';
import type { Brought } from './specs.ts';

/** What all services of the catalogue bring to the command line, whatever cloud.yaml leaves out of it. */
export async function loadBroughtCommands(root: string): Promise<Brought> {
  return loadOperations(root, listCatalogue(root));
}
