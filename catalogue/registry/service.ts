import { publicUrl, type RenderContext } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { httpHealth } from '../../src/model/health.ts';
import { file, jsonFile, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process, type RenderedFile } from '../../src/model/workload.ts';
import { serviceLogin } from '../common/sections.ts';
import { CONFIG_FILE, PROCESS } from './names.ts';
import { passwordLine } from './password.ts';
import { checkSettings, type RegistrySettings, settings } from './settings.ts';

const PORT = 5000;
/** For users, and for clients inside the cloud. */
const FRONT_PORT = 4999;
const FRONTEND = 'container-registry';
/** The project in Keystone that has what the registry keeps, and the container in Swift. */
const PROJECT = 'registry';
const USERS_FILE = `${CONFIG_DIR}/users`;
/** Whom the registry lets in, for all that it has. */
const USER = 'gantry';
const PASSWORD = 'registry-password';
const DRAIN_SECONDS = 60;

type Context = RenderContext<RegistrySettings>;

/**
 * A registry whose contents outlive every copy of it: they are objects, and its processes keep nothing. So several serve
 * side by side, and one that is started anywhere with access to the same objects has all images.
 */
export default defineService({
  name: 'registry',
  summary: 'A registry of container images for users, kept in Swift',
  byDefault: false,
  required: false,
  processNames: { [PROCESS]: { replicas: true } },
  settings,
  checkSettings,
  declare: (): ServiceDeclaration => ({
    secrets: [
      { name: 'registry-account', kind: 'password' },
      { name: PASSWORD, kind: 'password' },
      { name: 'registry-uploads', kind: 'hex' },
    ],
    accounts: [
      {
        user: 'registry',
        secret: 'registry-account',
        roles: [],
        assignments: [{ roles: ['member'], scope: { project: PROJECT } }],
      },
    ],
    endpoints: [
      {
        service: 'registry',
        type: 'container-registry',
        description: 'Container images',
        frontend: FRONTEND,
        path: '',
      },
    ],
    frontends: [
      {
        name: FRONTEND,
        kind: 'http',
        process: PROCESS,
        port: FRONT_PORT,
        processPort: PORT,
        publicPort: FRONT_PORT,
        check: { path: '/', status: 200 },
        // Layers of slow clients take theirs for long.
        connections: 1000,
      },
    ],
  }),
  gives: {
    containerRegistry: (context) => ({
      access: {
        address: new URL(publicUrl(context, FRONTEND, FRONT_PORT)).host,
        user: USER,
        secret: PASSWORD,
      },
      after: [],
      reaches: [],
    }),
  },
  givesUsers: ['containerRegistry'],
  render: (context) => ({ processes: [taking(context, registry)], jobs: [], tasks: [] }),
});

function registry(context: Context): Process {
  // At its start it asks Swift for its container, and ends where nobody answers.
  take(context, 'objectStore');
  return process({
    name: PROCESS,
    service: 'registry',
    image: 'registry',
    user: userOf('registry'),
    command: ['docker-registry', 'serve', CONFIG_FILE],
    files: [
      configuration(context),
      file(USERS_FILE, passwordLine(USER, context.secret(PASSWORD)), { gid: users.registry }),
    ],
    replicas: context.replicas(PROCESS),
    update: 'rolling',
    ports: [{ name: 'registry', port: PORT }],
    health: httpHealth(PORT),
    stop: { signal: 'SIGTERM', graceSeconds: DRAIN_SECONDS + 10 },
  });
}

/**
 * https://distribution.github.io/distribution/about/configuration/
 *
 * A redirect would lead clients to Swift's name inside the cloud. What is remembered of layers would outlive their
 * removal by a collection, which is another process: pushes of the same layer would be lost (2.8.3).
 */
function configuration(context: Context): RenderedFile {
  const login = serviceLogin(context, 'registry');
  const content = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      swift: {
        authurl: `${login.auth_url}/v3`,
        username: login.username,
        password: login.password,
        domain: login.user_domain_name,
        tenant: PROJECT,
        tenantdomain: login.project_domain_name,
        region: login.region_name,
        container: PROJECT,
        endpointtype: 'internal',
      },
      redirect: { disable: true },
      delete: { enabled: true },
      maintenance: { readonly: { enabled: context.settings.registry.readOnly } },
    },
    http: {
      addr: `:${PORT}`,
      relativeurls: true,
      // An upload that one copy began may go on at another.
      secret: context.secret('registry-uploads'),
      draintimeout: `${DRAIN_SECONDS}s`,
    },
    auth: { htpasswd: { realm: 'registry', path: USERS_FILE } },
  };
  return jsonFile(CONFIG_FILE, content, { gid: users.registry });
}
