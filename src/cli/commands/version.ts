import { ExitCode } from '../../errors.ts';
import { releases } from '../../model/releases.ts';
import { projectVersion } from '../../root.ts';
import type { Command } from '../command.ts';

export const run: Command<'version'> = async (options) => {
  const version = projectVersion();
  const names = releases.map((release) => `${release.name} (${release.number}, Debian ${release.debian})`);
  const text =
    options.output === 'json'
      ? JSON.stringify({ gantry: version, node: process.versions.node, releases }, null, 2)
      : `gantry ${version}\nOpenStack releases: ${names.join(', ')}\nNode.js ${process.versions.node}`;
  process.stdout.write(`${text}\n`);
  return ExitCode.done;
};
