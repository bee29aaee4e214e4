import type { RenderContext } from '../../src/model/context.ts';
import { file, jsonFile } from '../../src/model/make.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { passwordLine } from '../common/password-line.ts';
import { serviceLogin } from '../common/sections.ts';
import { CONFIG_FILE, PASSWORD, PORT, PROJECT, READER, USER } from './names.ts';
import type { RegistrySettings } from './settings.ts';

const USERS_FILE = `${CONFIG_DIR}/users`;
const TRUSTED_FILE = `${CONFIG_DIR}/trusted.pem`;
export const DRAIN_SECONDS = 60;
const owner = { gid: users.registry };

type Context = RenderContext<RegistrySettings>;

/** Files of a process of the cloud. */
export function filesInside(context: Context): RenderedFile[] {
  return [
    configuration(context, {
      user: 'registry',
      url: take(context, 'identity').url,
      endpoint: 'internal',
      readOnly: context.settings.registry.readOnly,
      // An upload that one copy began may go on at another.
      http: { secret: context.secret('registry-uploads') },
    }),
    usersFile(context),
  ];
}

/**
 * Files of a process on a machine that is none of the cloud's. It takes no pushes: a collection knows nothing of those that
 * go on elsewhere, and would lose them. So its user in Swift may do no more than read.
 */
export function filesElsewhere(context: Context): RenderedFile[] {
  const { authority } = context.certificate;
  return [
    configuration(context, {
      user: READER,
      url: take(context, 'identity').publicUrl,
      endpoint: 'public',
      readOnly: true,
      http: {},
    }),
    usersFile(context),
    ...(authority === '' ? [] : [file(TRUSTED_FILE, authority, owner)]),
  ];
}

/**
 * https://distribution.github.io/distribution/about/configuration/
 *
 * A redirect would lead clients to Swift's name inside the cloud. What is remembered of layers would outlive their
 * removal by a collection, which is another process: pushes of the same layer would be lost (2.8.3).
 */
function configuration(
  context: Context,
  {
    user,
    url,
    endpoint,
    readOnly,
    http,
  }: { user: string; url: string; endpoint: 'internal' | 'public'; readOnly: boolean; http: object },
): RenderedFile {
  const login = serviceLogin(context, user);
  const content = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      swift: {
        authurl: `${url}/v3`,
        username: login.username,
        password: login.password,
        domain: login.user_domain_name,
        tenant: PROJECT,
        tenantdomain: login.project_domain_name,
        region: login.region_name,
        container: PROJECT,
        endpointtype: endpoint,
      },
      redirect: { disable: true },
      delete: { enabled: true },
      maintenance: { readonly: { enabled: readOnly } },
    },
    http: { addr: `:${PORT}`, relativeurls: true, ...http, draintimeout: `${DRAIN_SECONDS}s` },
    auth: { htpasswd: { realm: 'registry', path: USERS_FILE } },
  };
  return jsonFile(CONFIG_FILE, content, owner);
}

function usersFile(context: Context): RenderedFile {
  return file(USERS_FILE, passwordLine(USER, context.secret(PASSWORD)), owner);
}
