import type { CloudChoice } from '../cloud/choice.ts';

/** Options that every command takes. */
export interface GlobalOptions extends CloudChoice {
  progress: 'auto' | 'plain' | 'json';
}

/** What a command file exports: runs it and resolves to the exit code. Options are those of its entry in the table. */
export interface CommandModule {
  run(options: never, args: (string | string[] | undefined)[]): Promise<number>;
}
