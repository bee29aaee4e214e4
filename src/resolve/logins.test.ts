import { expect, test } from 'vitest';
import type { ServiceDeclaration } from '../model/declaration.ts';
import { takeTurns } from './logins.ts';

const declared: Required<ServiceDeclaration> = {
  secrets: [],
  databases: [
    { name: 'nova', user: 'nova', secret: 'nova-database' },
    { name: 'nova_api', user: 'nova', secret: 'nova-database' },
  ],
  databaseWatchers: [{ user: 'metrics', secret: 'metrics-database' }],
  brokerUsers: [{ user: 'nova', secret: 'nova-broker' }],
  accounts: [{ user: 'nova', secret: 'nova-account', roles: ['service'] }],
  pools: [],
  roles: [],
  endpoints: [],
  frontends: [],
  physicalNetworks: [],
  wires: [],
  hypervisors: [],
  notificationTopics: [],
  metricsSources: [],
};

const at = (second: boolean, both: boolean) => takeTurns(declared, () => ({ second, both }));
const none = { databaseUsers: [], brokerUsers: [], accounts: [] };

test('before any change of a password everything is as declared', () => {
  expect(takeTurns(declared, () => undefined)).toEqual({ declared, retired: none });
});

test('the login in use comes first, the other one that is valid after it', () => {
  const { declared: during, retired } = at(true, true);
  expect(during.databases).toEqual([
    { name: 'nova', user: 'nova', secret: 'nova-database', login: 'nova-b' },
    { name: 'nova', user: 'nova', secret: 'nova-database.other' },
    { name: 'nova_api', user: 'nova', secret: 'nova-database', login: 'nova-b' },
    { name: 'nova_api', user: 'nova', secret: 'nova-database.other' },
  ]);
  expect(during.accounts).toEqual([
    { user: 'nova', secret: 'nova-account', roles: ['service'], login: 'nova-b' },
    { user: 'nova', secret: 'nova-account.other', roles: ['service'] },
  ]);
  expect(retired).toEqual(none);
});

test('the other one is retired once it is valid no more, whichever it is', () => {
  expect(at(true, false)).toMatchObject({
    declared: { brokerUsers: [{ user: 'nova', secret: 'nova-broker', login: 'nova-b' }] },
    retired: { databaseUsers: ['nova', 'metrics'], brokerUsers: ['nova'], accounts: ['nova'] },
  });
  expect(at(false, false)).toEqual({
    declared,
    retired: { databaseUsers: ['nova-b', 'metrics-b'], brokerUsers: ['nova-b'], accounts: ['nova-b'] },
  });
});

test('an account that is valid no more is named with the domain that it is in', () => {
  const account = { user: 'heat', domain: 'stacks', secret: 'heat-account', roles: [] };
  const { retired } = takeTurns({ ...declared, accounts: [account] }, () => ({ second: true, both: false }));
  expect(retired.accounts).toEqual([{ user: 'heat', domain: 'stacks' }]);
});
