import { outliveReaders } from './interrupt.ts';
import { runCommandLine } from './program.ts';

outliveReaders();
process.exitCode = await runCommandLine(process.argv.slice(2));
