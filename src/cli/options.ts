import { resolve } from 'node:path';

/** Options that every command takes. */
export interface GlobalOptions {
  file?: string;
  name?: string;
  engine?: 'docker' | 'kubernetes';
  context?: string;
  /** Values by dotted path that win over cloud.yaml, for commands that set some themselves. */
  overrides?: Record<string, unknown>;
  progress: 'auto' | 'plain' | 'json';
}

/** What a command file exports: runs it and resolves to the exit code. Options are those of its entry in the table. */
export interface CommandModule {
  run(options: never, args: (string | string[] | undefined)[]): Promise<number>;
}

/** Where secrets and the authority are kept: GANTRY_STATE, else /var/lib/gantry for root, else in the home directory. */
export function stateBase(environment: NodeJS.ProcessEnv, uid: number): string {
  if (environment.GANTRY_STATE) return resolve(environment.GANTRY_STATE);
  if (uid === 0) return '/var/lib/gantry';
  return resolve(environment.XDG_STATE_HOME ?? `${environment.HOME ?? '.'}/.local/state`, 'gantry');
}
