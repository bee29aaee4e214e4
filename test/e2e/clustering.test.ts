import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerClient } from '../../engines/docker/client.ts';
import { sqlClient } from './database.ts';
import { waitUntil } from './gantry.ts';
import { Members } from './members.ts';

let docker: Awaited<ReturnType<typeof createDockerClient>>['docker'];

beforeAll(async () => {
  ({ docker } = await createDockerClient(process.env));
});

/** A process with its instances; all of it is gone after the tests of the block. */
function membersOf(process: string): () => Members {
  let members: Members;
  beforeAll(async () => {
    members = new Members(docker, process);
    await members.open();
  });
  afterAll(() => members?.close());
  return () => members;
}

describe('the database', () => {
  const members = membersOf('mariadb');
  const query = async (ordinal: number, statement: string): Promise<string> => {
    const { code, output } = await members().run(ordinal, ...sqlClient, statement);
    if (code !== 0) throw new Error(output);
    return output;
  };

  test('of one instance becomes a cluster of three, with its data', async () => {
    await members().scale(1);
    await members().healthy(0);
    await query(
      0,
      'CREATE DATABASE test; CREATE TABLE test.n (id INT PRIMARY KEY); INSERT INTO test.n VALUES (1)',
    );
    await members().scale(3);
    await members().healthy(0, 1, 2);
    expect(await query(2, 'SELECT id FROM test.n')).toBe('1');
  });

  test('has every acknowledged write after all were killed at once, and waits until all have spoken', async () => {
    let acknowledged = 1;
    const writer = (async () => {
      for (;;) {
        await query(0, `INSERT INTO test.n VALUES (${acknowledged + 1})`);
        acknowledged++;
      }
    })().catch(() => {});
    await waitUntil('writes', 60_000, async () => acknowledged > 5 || undefined);
    await members().kill(0, 1, 2);
    await writer;
    await members().start(2, 1);
    await members().says(1, 'waiting for mariadb-0 to say how new its data is');
    await members().says(2, 'waiting for mariadb-0 to say how new its data is');
    await members().start(0);
    await members().healthy(0, 1, 2);
    const found = await Promise.all(
      [0, 1, 2].map((one) => query(one, 'SELECT MAX(id), COUNT(*) FROM test.n')),
    );
    expect(new Set(found).size).toBe(1);
    expect(Number(found[0]?.split('\t')[0])).toBeGreaterThanOrEqual(acknowledged);
  });

  test('has on every instance what was loaded into one', async () => {
    await query(
      0,
      `CREATE DATABASE made; USE made;
       CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9));
       CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id));
       INSERT INTO parent VALUES (7, 'seven'); INSERT INTO child VALUES (1, 7)`,
    );
    const script = `set -e
      schema-archive take made > /tmp/made.sql
      ${sqlClient.join(' ')} 'DROP DATABASE made; CREATE DATABASE made'
      schema-archive load $(sha256sum < /tmp/made.sql | cut -d ' ' -f 1) made < /tmp/made.sql`;
    expect(await members().run(0, 'bash', '-c', script)).toEqual({ code: 0, output: '' });
    const take = (ordinal: number) => members().run(ordinal, 'schema-archive', 'take', 'made');
    const made = await take(0);
    expect(made.output).toContain('FOREIGN KEY');
    for (const ordinal of [1, 2]) expect(await take(ordinal)).toEqual(made);
    await query(0, 'DROP DATABASE made');
  });

  test('takes writes where the majority is, and nowhere else', async () => {
    await members().cutOff(2);
    await members().says(2, 'has lost the others');
    await waitUntil('a write', 60_000, async () =>
      query(0, 'REPLACE INTO test.n VALUES (1000000)').then(
        () => true as const,
        () => undefined,
      ),
    );
    await expect(query(2, 'INSERT INTO test.n VALUES (2000000)')).rejects.toThrow('WSREP');
    await members().connect(2);
    await members().healthy(0, 1, 2);
    expect(await query(2, 'SELECT MAX(id) FROM test.n')).toBe('1000000');
  });

  test('of three becomes one again, and what the others still had is old', async () => {
    await members().scale(1);
    await members().healthy(0);
    await query(0, 'INSERT INTO test.n VALUES (3000000)');
    await members().scale(3);
    await members().healthy(0, 1, 2);
    expect(await query(1, 'SELECT MAX(id) FROM test.n')).toBe('3000000');
  });
});

describe('the northbound database', () => {
  const members = membersOf('ovn-nb');
  const nbctl = async (ordinal: number, ...command: string[]): Promise<string> => {
    const client = ['ovn-nbctl', '--timeout=10', '--no-leader-only', '--db=unix:/run/ovn/ovnnb_db.sock'];
    const { code, output } = await members().run(ordinal, ...client, ...command);
    if (code !== 0) throw new Error(output);
    return output;
  };

  test('of one server becomes a cluster of three, with its data', async () => {
    await members().scale(1);
    await members().healthy(0);
    await nbctl(0, 'ls-add', 'first');
    await members().scale(3);
    await members().healthy(0, 1, 2);
    expect(await nbctl(2, '--bare', '--columns=name', 'list', 'Logical_Switch')).toBe('first');
  });

  test('takes writes after the loss of a server, and all start again together', async () => {
    await members().kill(0);
    await waitUntil('a write', 60_000, async () =>
      nbctl(1, '--may-exist', 'ls-add', 'second').then(
        () => true as const,
        () => undefined,
      ),
    );
    await members().kill(1, 2);
    await members().start(2, 0, 1);
    await members().healthy(0, 1, 2);
    expect(await nbctl(0, '--bare', '--columns=name', 'list', 'Logical_Switch')).toContain('second');
  });
});

describe('the message broker', () => {
  const members = membersOf('rabbitmq');

  /** What an expression of Erlang comes to in an instance. */
  const evaluate = async (ordinal: number, expression: string): Promise<string> => {
    const script = `HOME=/var/lib/rabbitmq RABBITMQ_USE_LONGNAME=true rabbitmqctl --quiet \
      -n rabbit@rabbitmq-${ordinal}.members.gantry.local eval '${expression}.'`;
    return (await members().run(ordinal, 'bash', '-c', script)).output;
  };
  const runningNodes = async (ordinal: number): Promise<number> =>
    Number(await evaluate(ordinal, 'length(rabbit_nodes:list_running())'));

  test('is one cluster of three', async () => {
    await members().scale(3);
    await members().healthy(0, 1, 2);
    expect(await runningNodes(2)).toBe(3);
  });

  test.each([[[0, 1, 2]], [[0]]])(
    'has leaders for queues declared just before all of %j were killed',
    async (all) => {
      if ((await runningNodes(0)) !== all.length) await members().scale(all.length);
      await members().healthy(...all);
      const [name, quorum] = [
        'rabbit_misc:r(<<"/">>, queue, <<"last">>)',
        '{<<"x-queue-type">>, longstr, <<"quorum">>}',
      ];
      const declared = await evaluate(
        0,
        `element(1, rabbit_amqqueue:declare(${name}, true, false, [${quorum}], none, <<"test">>))`,
      );
      expect(declared).toBe('new');
      await members().kill(...all);
      await members().start(...all);
      await members().healthy(...all);
      await waitUntil('a leader', 30_000, async () => {
        const leader = await evaluate(0, 'element(1, ra:members({list_to_atom("%2F_last"), node()}, 2000))');
        return leader === 'ok' || undefined;
      });
    },
  );

  test('starts again with two of three after all were killed at once', async () => {
    await members().scale(3);
    await members().healthy(0, 1, 2);
    expect(await Promise.all([0, 1, 2].map(runningNodes))).toEqual([3, 3, 3]);
    await members().kill(0, 1, 2);
    await members().start(1, 2);
    await members().healthy(1, 2);
    expect(await runningNodes(1)).toBe(2);
  });
});
