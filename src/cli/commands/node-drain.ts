import { loadConfigured } from '../../cloud/configured.ts';
import { drain } from '../../cloud/drain.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'node drain'> = async (options, [node], terminal) => {
  const configured = await loadConfigured(options);
  const { result, keepsControl } = await drain(configured, { node }, terminal);
  const { name } = configured.config;
  process.stderr.write(
    keepsControl
      ? `The node ${node} has no servers and no gateways of the cloud ${name} any more. It keeps the role control, and what runs for that goes on: the cloud's data may be there.\nGive the role to another node before you take it away with "gantry label-nodes ${node} --role control --remove".\n`
      : `The node ${node} is out of the cloud ${name}.\n`,
  );
  return exitCodeOf(result);
};
