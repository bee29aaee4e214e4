import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { exampleService } from '../../test/contract/example.ts';
import rabbitmq from './service.ts';

interface Definitions {
  users: { name: string; password_hash: string; hashing_algorithm: string; tags: string[] }[];
  permissions: { user: string; vhost: string }[];
}

function definitionsWith(password: string): Definitions {
  const cloud = renderCloud([exampleService(), rabbitmq], { secret: () => password });
  const process = cloud.desired.processes.find(({ name }) => name === 'rabbitmq');
  const content = process?.files.find(({ path }) => path.endsWith('/definitions.json'))?.content ?? '';
  expect(content).not.toContain(password);
  return JSON.parse(content) as Definitions;
}

/** What the broker does with a password that it is given (https://www.rabbitmq.com/docs/passwords). */
function accepts(hash: string, password: string): boolean {
  const bytes = Buffer.from(hash, 'base64');
  const digest = createHash('sha256')
    .update(Buffer.concat([bytes.subarray(0, 4), Buffer.from(password, 'utf8')]))
    .digest();
  return bytes.subarray(4).equals(digest);
}

test('the check accepts the example of the documentation', () => {
  expect(accepts('kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR', 'test12')).toBe(true);
});

test('an audit that nobody keeps is warned of', () => {
  const find = (settings: object, given: boolean) =>
    rabbitmq.checkSettings?.(settings, { isGiven: () => given } as never).map(({ path }) => path.join());
  const audit = { audit: true, notifications: false };
  expect(find(audit, false)).toEqual(['audit']);
  expect(find(audit, true)).toEqual([]);
  expect(find({ ...audit, notifications: true }, false)).toEqual([]);
  expect(find({ ...audit, audit: false }, false)).toEqual([]);
});

describe('a user of the broker', () => {
  const { users, permissions } = definitionsWith('correct horse');

  test('logs in with its password and no other', () => {
    expect(users).toHaveLength(1);
    expect(users[0]?.hashing_algorithm).toBe('rabbit_password_hashing_sha256');
    expect(accepts(users[0]?.password_hash ?? '', 'correct horse')).toBe(true);
    expect(accepts(users[0]?.password_hash ?? '', 'correct house')).toBe(false);
  });

  test('is no administrator, and may use the one virtual host', () => {
    expect(users[0]?.tags).toEqual([]);
    expect(permissions).toEqual([{ user: 'example', vhost: '/', configure: '.*', write: '.*', read: '.*' }]);
  });

  test('has another salt with another password, and the same one again with the same', () => {
    const saltOf = ({ users: [user] }: Definitions) => user?.password_hash.slice(0, 5);
    expect(saltOf(definitionsWith('correct horse'))).toBe(saltOf({ users, permissions }));
    expect(saltOf(definitionsWith('battery staple'))).not.toBe(saltOf({ users, permissions }));
  });
});
