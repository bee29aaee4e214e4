import type { RenderContext } from '../../src/model/context.ts';
import { job, jsonFile } from '../../src/model/make.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job } from '../../src/model/workload.ts';
import { databaseUrl, serviceLogin } from '../common/sections.ts';
import type { SwiftSettings } from './settings.ts';

/** The keys that objects are encrypted by: https://docs.openstack.org/swift/latest/overview_encryption.html */

/** The project in Keystone that has the one in Barbican. */
export const KEY_PROJECT = 'swift';
const FILE = `${CONFIG_DIR}/root-key.json`;

type Context = RenderContext<SwiftSettings>;

/** Whether objects are to be encrypted by a key that Barbican keeps. */
export function usesBarbican({ settings }: Pick<Context, 'settings'>): boolean {
  return settings.storage.swift.encryption === 'barbican';
}

/**
 * Both are always there: what was encrypted once is readable when no more is to be. With the key of the last one is
 * written; one that does not know the key of an object asks the one before.
 */
export function keymastersOf(context: Context): readonly string[] {
  return usesBarbican(context) ? ['keymaster', 'kms_keymaster'] : ['kms_keymaster', 'keymaster'];
}

export function keymasterFilters(context: Context): OsloSections {
  return {
    'filter:keymaster': {
      use: 'egg:swift#keymaster',
      encryption_root_secret: context.secret('swift-encryption-root'),
    },
    // Swift's own, once a key of Barbican's was used, which the database knows.
    'filter:kms_keymaster': {
      'paste.filter_factory': 'swift_root_key:filter_factory',
      database: databaseUrl(context, 'swift'),
      needed: usesBarbican(context),
      ...barbicanOptions(context),
    },
    'filter:encryption': {
      use: 'egg:swift#encryption',
      disable_encryption: context.settings.storage.swift.encryption === false,
    },
  };
}

function barbicanOptions(context: Context): OsloSections[string] {
  const keys = context.offered('keyManager');
  if (!keys) return {};
  const { auth_url, ...login } = loginOf(context);
  return { barbican_endpoint: keys.url, auth_endpoint: auth_url, ...login };
}

/** Makes the key in Barbican where it is not made yet. */
export function rootKeyJob(context: Context): Job {
  const wanted = {
    database: databaseUrl(context, 'swift'),
    url: take(context, 'keyManager').url,
    login: loginOf(context),
    name: 'swift-root-key',
  };
  return job({
    name: 'swift-root-key',
    service: 'swift',
    image: 'swift',
    command: ['keep-root-key', FILE],
    user: userOf('swift'),
    files: [jsonFile(FILE, wanted, { gid: users.swift })],
  });
}

function loginOf(context: Context) {
  const { auth_url, username, password, user_domain_name, project_domain_name } = serviceLogin(
    context,
    'swift',
  );
  return {
    auth_url: `${auth_url}/v3`,
    username,
    password,
    user_domain_name,
    project_name: KEY_PROJECT,
    project_domain_name,
  };
}
