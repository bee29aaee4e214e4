import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildForSuite } from './built-images.ts';

const DATA = '/var/lib/mysql';

test("the first tables go onto a volume that is root's and the group may write to, as claims on Kubernetes are", async () => {
  const { mariadb } = await buildForSuite('mariadb-tables', ['mariadb']);
  const script = `chown root:mysql ${DATA} && chmod 2770 ${DATA}
for _ in first second; do setpriv --reuid=mysql --regid=mysql --clear-groups make-tables; done
stat -c '%U %a' ${DATA} && ls -A ${DATA}`;
  const { stdout } = await promisify(execFile)(
    'docker',
    ['run', '--rm', '--network', 'none', '--user', '0:0', mariadb, 'bash', '-euc', script],
    { timeout: 60_000 },
  );
  const [owner, ...names] = stdout.trim().split('\n');
  expect(owner).toBe('root 2770');
  expect(names).toEqual(expect.arrayContaining(['ibdata1', 'mysql', 'performance_schema', 'sys']));
  expect(names).not.toContain('.new');
});
