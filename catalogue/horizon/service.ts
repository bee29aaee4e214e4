import { publicUrl, type RenderContext } from '../../src/model/context.ts';
import { httpHealth } from '../../src/model/health.ts';
import { jsonFile, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { uwsgiCommand, uwsgiFile } from '../common/uwsgi.ts';
import { KEY } from './names.ts';

const PROCESS = 'horizon';
const FRONT_END = 'dashboard';
const PORT = 8090;
const PUBLIC_PORT = 443;

const STATIC = '/var/lib/openstack-dashboard/static';
/** Where files are while they are on their way to Glance and Swift. */
const UPLOADS = '/var/lib/horizon';
const LARGEST_UPLOAD_GIB = 8;
/** Pages ask for their parts at the same time; browsers have up to six connections. */
const THREADS = 8;
const DAY_S = 24 * 60 * 60;

const checked = { path: '/healthcheck', status: 200 };

export default defineService({
  name: 'horizon',
  summary: 'The dashboard: the cloud in a browser',
  byDefault: false,
  required: false,
  processNames: { [PROCESS]: { replicas: true, workers: true } },
  declare: () => ({
    secrets: [{ name: KEY, kind: 'fernet' }],
    frontends: [
      {
        name: FRONT_END,
        kind: 'http',
        process: PROCESS,
        port: PORT,
        publicPort: PUBLIC_PORT,
        check: checked,
      },
    ],
  }),
  gives: {
    // Without the port that browsers leave out.
    dashboard: (context) => ({
      url: new URL(publicUrl(context, FRONT_END, PUBLIC_PORT, '/')).href,
      after: [`process:${PROCESS}`],
      reaches: [FRONT_END],
    }),
  },
  givesUsers: ['dashboard'],
  // It asks others for something when somebody looks at a page.
  render: (context) => ({
    processes: [taking(context, dashboard, ['blockStorage', 'cache', 'frontDoor', 'identity', 'objects'])],
    jobs: [],
    tasks: [],
  }),
});

function dashboard(context: RenderContext): Process {
  return process({
    name: PROCESS,
    service: 'horizon',
    image: 'horizon',
    command: uwsgiCommand,
    user: userOf('horizon'),
    files: [
      jsonFile(`${CONFIG_DIR}/horizon.json`, settingsOf(context), { gid: users.horizon }),
      uwsgiFile({
        module: 'dashboard:application',
        port: PORT,
        workers: context.workers(PROCESS, 1),
        threads: THREADS,
        gid: users.horizon,
        environment: { DJANGO_SETTINGS_MODULE: 'openstack_dashboard.settings' },
        extra: {
          pythonpath: '/usr/local/lib/gantry',
          'static-map': `/static=${STATIC}`,
          'static-gzip-all': 'true',
          // Names of these have a hash of what is in them.
          'static-expires-uri': `^/static/dashboard/(css|js)/ ${365 * DAY_S}`,
          'limit-post': String(LARGEST_UPLOAD_GIB * 2 ** 30),
        },
      }),
    ],
    replicas: context.replicas(PROCESS),
    update: 'rolling',
    scratch: [UPLOADS],
    ports: [{ name: 'dashboard', port: PORT }],
    health: httpHealth(PORT, checked.path),
    // What is under way ends, such as an image on its way to Glance.
    stop: { signal: 'SIGTERM', graceSeconds: 60 },
  });
}

/** As the image's local_settings.py takes it: `settings` are Horizon's and Django's own. */
function settingsOf(context: RenderContext) {
  take(context, 'frontDoor');
  const hosts = new Set([context.publicHost, context.publicAddress, 'localhost', '127.0.0.1']);
  hosts.delete('0.0.0.0');
  const hasVolumes = context.offered('blockStorage') !== undefined;
  const hasObjects = context.offered('objects') !== undefined;
  return {
    debug: context.debug,
    sessions: { servers: take(context, 'cache').servers, keys: context.keys(KEY) },
    settings: {
      ALLOWED_HOSTS: [...hosts],
      // Cookies of a host are sent to all its ports, and so to the dashboards of other clouds there.
      SESSION_COOKIE_NAME: `${context.cloud}-session`,
      OPENSTACK_KEYSTONE_URL: `${take(context, 'identity').url}/v3`,
      OPENSTACK_ENDPOINT_TYPE: 'internalURL',
      DEFAULT_SERVICE_REGIONS: { '*': context.region },
      CONSOLE_TYPE: 'VNC',
      // Cinder has backups where there are containers of objects for them.
      OPENSTACK_CINDER_FEATURES: { enable_backup: hasVolumes && hasObjects },
      CREATE_IMAGE_DEFAULTS: { image_visibility: 'private' },
    },
  };
}
