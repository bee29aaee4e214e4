import { loadConfigured } from '../../cloud/configured.ts';
import { rotateCertificate } from '../../cloud/rotate-certificate.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'rotate certificate'> = async (options, _arguments, terminal) => {
  const { result } = await rotateCertificate(await loadConfigured(options), terminal);
  return exitCodeOf(result);
};
