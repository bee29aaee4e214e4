/**
 * The command of a job that brings schemas up to date, so that it can be run again after it was cut off. `file` says
 * where the databases are; `databases` are all that the command works on.
 */
export function schemaCommand(file: string, databases: string[], command: string[]): string[] {
  return ['/usr/local/bin/update-schema', file, ...databases, '--', ...command];
}
