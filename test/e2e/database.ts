import type { Gantry } from './gantry.ts';

/** MariaDB's client beside the server, as its administrator; the statements come behind it. */
export const sqlClient = [
  'mariadb',
  '--protocol=socket',
  '--socket=/run/mysqld/mysqld.sock',
  '--skip-column-names',
  '--execute',
];

/** Has the database of a cloud, or one instance of it, run statements; resolves to their rows, columns by tabs. */
export async function askDatabase(gantry: Gantry, statements: string, instance = 'mariadb'): Promise<string> {
  return (await gantry.output('exec', instance, ...sqlClient, statements)).trim();
}
