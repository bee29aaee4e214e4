import { describe, expect, it } from 'vitest';
import { GantryError } from '../errors.ts';
import { nameOfTest, selectTests } from './select.ts';

const all = [
  'tempest.api.compute.servers.test_create_server.ServersTestJSON.test_list_servers[id-9a43,smoke]',
  'tempest.api.compute.servers.test_create_server.ServersTestJSON.test_host_name[id-ac1a]',
  'tempest.api.network.test_networks.NetworksTest.test_show_network[id-2bf1,smoke]',
  'tempest.scenario.test_smoketest.SmokeTest.test_smoke[id-77aa]',
];

function refusal(wanted: string): GantryError {
  try {
    selectTests(all, wanted, []);
  } catch (thrown) {
    if (thrown instanceof GantryError) return thrown;
  }
  throw new Error(`${wanted} selects tests`);
}

describe('selectTests', () => {
  it('takes for smoke what has that attribute, not what is named so', () => {
    expect(selectTests(all, 'smoke', []).tests).toEqual([all[0], all[2]]);
  });

  it('takes what a regular expression finds anywhere in the id', () => {
    expect(selectTests(all, 'compute.*(host|list)_', []).tests).toEqual([all[0], all[1]]);
    expect(selectTests(all, 'id-2bf1', []).tests).toEqual([all[2]]);
  });

  it('leaves out what is excluded, and says so only where it applies', () => {
    const exclusions = [
      { tests: 'test_list_servers', reason: 'slow' },
      { tests: 'volume', reason: 'none there' },
    ];
    expect(selectTests(all, 'smoke', exclusions)).toEqual({
      tests: [all[2]],
      excluded: [{ reason: 'slow', tests: [all[0]] }],
    });
  });

  it.each([
    ['test_create_sever', 'tempest.api.compute.servers.test_create_server'],
    ['NetworkTests', 'tempest.api.network.test_networks.NetworksTest'],
    ['^tempest.api.netwrok', 'tempest.api.network'],
  ])('names for %s what is nearest', (wanted, nearest) => {
    const error = refusal(wanted);
    expect(error.message).toContain(wanted);
    expect(error.next).toContain(nearest);
    expect(error.exitCode).toBe(64);
  });

  it('refuses what is no regular expression', () => {
    expect(refusal('test_(create').message).toContain('regular expression');
  });
});

it('names a test without its attributes', () => {
  expect(nameOfTest('a.B.test_c[id-1,smoke]')).toBe('a.B.test_c');
});
