import { CONFIG_DIR } from '../../src/model/workload.ts';

export const PROCESS = 'prometheus';
export const PORT = 9090;
/** Whom it lets in, and the secret that is the password. */
export const USER = 'gantry';
export const PASSWORD = 'metrics-user';

/** How commands of the image get in. */
export const CLIENT_FILE = `${CONFIG_DIR}/client.json`;

/** Prints what an expression of PromQL gives now, as JSON. */
export function query(expression: string): string[] {
  return [
    'promtool',
    'query',
    '--format=json',
    'instant',
    `--http.config.file=${CLIENT_FILE}`,
    `http://127.0.0.1:${PORT}`,
    expression,
  ];
}

/** What such a query prints. */
export interface Sample {
  metric: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value as text. */
  value: readonly [number, string];
}
