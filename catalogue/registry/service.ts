import { publicUrl, type RenderContext } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { httpHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf } from '../../src/model/users.ts';
import type { Process } from '../../src/model/workload.ts';
import { DRAIN_SECONDS, filesElsewhere, filesInside } from './config.ts';
import { CONFIG_FILE, PASSWORD, PORT, PROCESS, PROJECT, READER, USER } from './names.ts';
import { checkSettings, type RegistrySettings, settings } from './settings.ts';

/** For users, and for clients inside the cloud. */
const FRONT_PORT = 4999;
const FRONTEND = 'container-registry';

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
      { name: 'registry-reader', kind: 'password' },
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
      {
        user: READER,
        secret: 'registry-reader',
        roles: [],
        assignments: [{ roles: ['reader'], scope: { project: PROJECT } }],
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
        elsewhere: filesElsewhere(context),
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
    files: filesInside(context),
    replicas: context.replicas(PROCESS),
    update: 'rolling',
    ports: [{ name: 'registry', port: PORT }],
    health: httpHealth(PORT),
    stop: { signal: 'SIGTERM', graceSeconds: DRAIN_SECONDS + 10 },
  });
}
