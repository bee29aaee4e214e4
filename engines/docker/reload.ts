import type Docker from 'dockerode';
import { takeUpFiles } from '../../src/engine/reload.ts';
import { parseStrings } from '../../src/model/strings.ts';
import type { Process } from '../../src/model/workload.ts';
import { fileHashesOf } from '../../src/plan/identity.ts';
import { captureCommand } from './command.ts';
import { engineFailure } from './failure.ts';
import { HASHES_FILE, putFiles, readFile } from './files.ts';
import { Label } from './labels.ts';

/**
 * Writes the reloadable files and has the process take them up. Their hashes are noted last: a reload that
 * was interrupted is still wanted at the next observation.
 */
export async function reloadInstance(container: Docker.Container, process: Process): Promise<void> {
  const files = process.files.filter((file) => file.reloadable);
  try {
    await putFiles(container, files);
    await takeUpFiles(process, (command) => captureCommand(container, command));
    const hashes = fileHashesOf(process);
    const content = JSON.stringify(Object.fromEntries(files.map(({ path }) => [path, hashes[path]])));
    await putFiles(container, [{ path: HASHES_FILE, content, uid: 0, gid: 0, mode: 0o644 }]);
  } catch (thrown) {
    throw engineFailure(`${process.name} could not take up its changed files`, thrown);
  }
}

/** Hashes of all files as they are in a container now: from its labels, and from reloads since. */
export async function currentHashes(
  container: Docker.Container,
  labels: Record<string, string>,
): Promise<Record<string, string>> {
  const made = parseStrings(labels[Label.fileHashes]);
  if (labels[Label.reloadable] !== 'true') return made;
  return { ...made, ...parseStrings(await readFile(container, HASHES_FILE)) };
}
