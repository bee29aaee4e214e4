import { expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { exampleService } from '../../test/contract/example.ts';
import mariadb from './service.ts';

const cloud = renderCloud([exampleService(), mariadb], { secret: () => 'password' });
const process = cloud.desired.processes.find(({ name }) => name === 'mariadb');
const init = process?.files.find(({ path }) => path.endsWith('/init.sql'))?.content ?? '';

test('passwords are given as what PASSWORD() gives', () => {
  // SELECT PASSWORD('password'), as MariaDB's and MySQL's documentation show it.
  expect(init).toContain('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
  expect(init).not.toContain("'password'");
});

test('databases and users are made in a form that may run any number of times', () => {
  expect(init.trim().split(';\n')).toEqual([
    'CREATE DATABASE IF NOT EXISTS gantry',
    expect.stringMatching(/^CREATE TABLE IF NOT EXISTS gantry\.ledger /),
    'CREATE DATABASE IF NOT EXISTS `example`',
    expect.stringMatching(/^CREATE USER IF NOT EXISTS 'example'@'%' IDENTIFIED BY PASSWORD /),
    expect.stringMatching(/^ALTER USER 'example'@'%' IDENTIFIED BY PASSWORD /),
    expect.stringMatching(/^GRANT ALL PRIVILEGES ON `example`\.\* TO 'example'@'%';?$/),
  ]);
});

test('a further database reloads the server and replaces nothing', () => {
  expect(process?.files.find(({ path }) => path.endsWith('/init.sql'))?.reloadable).toBe(true);
  expect(process?.reload).toBeDefined();
});
