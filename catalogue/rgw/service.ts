import type { RenderContext } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { httpHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf } from '../../src/model/users.ts';
import type { Process } from '../../src/model/workload.ts';
import { needsCeph } from '../common/needs-ceph.ts';
import { OBJECT_PORT, RESELLER_ADMIN } from '../common/object-store.ts';
import { configFiles, groups, KEY } from './config.ts';
import { ACCOUNT, CLIENT, PROCESS, SWIFT_PATH } from './names.ts';

const FRONTEND = 'rgw';
const HEALTH_PATH = `${SWIFT_PATH}/healthcheck`;

export default defineService({
  name: 'rgw',
  summary: "Containers of objects, in Ceph's pools",
  byDefault: false,
  required: false,
  inPlaceOf: 'swift',
  processNames: { [PROCESS]: { replicas: true } },
  checkSettings: (_settings, cloud) => needsCeph('rgw', 'objects', cloud),
  declare: (): ServiceDeclaration => ({
    secrets: [
      { name: 'rgw-account', kind: 'password' },
      { name: KEY, kind: 'cephx' },
    ],
    pools: [{ client: CLIENT, secret: KEY, application: 'rgw', groups }],
    accounts: [{ user: ACCOUNT, secret: 'rgw-account', roles: ['service'] }],
    roles: [{ name: RESELLER_ADMIN, administrator: true }],
    endpoints: [
      {
        service: 'swift',
        type: 'object-store',
        description: 'OpenStack Object Storage',
        frontend: FRONTEND,
        path: `${SWIFT_PATH}/v1/AUTH_%(project_id)s`,
      },
    ],
    frontends: [
      {
        name: FRONTEND,
        kind: 'http',
        process: PROCESS,
        port: OBJECT_PORT,
        publicPort: OBJECT_PORT,
        check: { path: HEALTH_PATH, status: 200 },
        // Uploads and downloads of slow clients keep theirs for long; each is a coroutine of a few threads.
        connections: 1000,
      },
    ],
  }),
  gives: {
    objects: () => ({
      serviceType: 'object-store',
      after: [`process:${PROCESS}`],
      reaches: [FRONTEND],
    }),
  },
  givesUsers: ['objects'],
  render: (context) => ({ processes: [taking(context, gateway, ['identity'])], jobs: [], tasks: [] }),
});

function gateway(context: RenderContext): Process {
  take(context, 'identity');
  const [{ login }] = context.logins(CLIENT, KEY);
  return process({
    name: PROCESS,
    service: 'rgw',
    image: 'rgw',
    user: userOf('ceph'),
    command: ['radosgw', '-f', '--name', `client.${login}`],
    files: configFiles(context),
    tmpfs: ['/tmp', '/run/ceph'],
    replicas: context.replicas(PROCESS),
    update: 'rolling',
    ports: [{ name: 'api', port: OBJECT_PORT }],
    health: httpHealth(OBJECT_PORT, HEALTH_PATH),
    stop: { signal: 'SIGTERM', graceSeconds: 60 },
  });
}
