import type { ShownDemo } from '../cloud/demo.ts';
import { shellWord } from '../model/shell.ts';

/** The command that logs in to the demo's server is the result, on standard output. */
export function printDemo({ server, user, floatingIp, keyFile }: ShownDemo): void {
  process.stderr.write(`The server ${server} answers. Log in to it with:\n`);
  process.stdout.write(
    `ssh -i ${shellWord(keyFile)} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${user}@${floatingIp}\n`,
  );
}
