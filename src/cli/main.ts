import { ExitCode } from '../errors.ts';
import { outliveReaders } from './interrupt.ts';
import { runCommandLine } from './program.ts';
import { printError } from './report.ts';
import { explainSystemError } from './system-error.ts';

outliveReaders((error) => {
  printError(explainSystemError(error), process.stderr);
  process.exitCode = ExitCode.failed;
});
const exitCode = await runCommandLine(process.argv.slice(2));
// Results that were lost make a failure of a command that did all else.
process.exitCode ??= exitCode;
