import type { RenderContext } from '../../src/model/context.ts';
import { job, jsonFile } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { serviceLogin } from '../common/sections.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import { checkSettings } from './check-settings.ts';
import {
  apiSections,
  BACKEND,
  baseSections,
  cephFiles,
  groupReaders,
  STATE,
  volumeSections,
} from './config.ts';

const service = { service: 'cinder', config: 'cinder.conf' } as const;
const API_TYPE = 'block-storage';
const TYPE_FILE = `${CONFIG_DIR}/volume-type.json`;

export default defineService({
  name: 'cinder',
  summary: 'Volumes of servers',
  byDefault: false,
  required: false,
  processNames: {
    'cinder-api': { replicas: true, workers: true },
    'cinder-scheduler': { replicas: true },
    'cinder-volume': { replicas: false },
  },
  configFiles: { 'cinder.conf': { groupReaders } },
  checkSettings,
  declare: () =>
    usualNeeds('cinder', {
      broker: true,
      api: { type: API_TYPE, description: 'OpenStack Block Storage', port: 8776, path: '/v3' },
    }),
  gives: {
    blockStorage: () => ({
      serviceType: API_TYPE,
      traces: { logs: ['cinder-volume', 'cinder-scheduler'] },
      after: [],
      reaches: [],
    }),
  },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: 'cinder-api',
        sections: (own) => [...baseSections(own), ...apiSections(own)],
        wsgi: { module: 'cinder.wsgi.api:application', environment: {} },
        healthPath: '/healthcheck',
      }),
      rpcWorker(context, { ...service, name: 'cinder-scheduler', sections: baseSections }),
      rpcWorker(context, {
        ...service,
        name: 'cinder-volume',
        sections: (own) => [...baseSections(own), ...volumeSections(own)],
        files: cephFiles,
        replicas: 1,
        // What is under way ends, such as an image that becomes a volume.
        graceSeconds: 60,
        more: { update: 'recreate', scratch: [STATE] },
      }),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { database: 'cinder' },
        command: (file) => ['cinder-manage', '--config-file', file, 'db', 'sync'],
      }),
      taking(context, volumeTypeJob),
    ],
    tasks: [],
  }),
});

/** Makes the type that volumes have unless another is asked for: without it, none could be made. */
function volumeTypeJob(context: RenderContext): Job {
  const wanted = {
    login: serviceLogin(context, 'cinder'),
    serviceType: API_TYPE,
    type: {
      name: BACKEND,
      description: 'Block devices of Ceph',
      extra_specs: { volume_backend_name: BACKEND },
    },
  };
  take(context, 'frontDoor');
  return job({
    name: 'cinder-volume-type',
    service: 'cinder',
    image: 'cinder',
    command: ['set-volume-type', TYPE_FILE],
    user: userOf('cinder'),
    files: [jsonFile(TYPE_FILE, wanted, { gid: users.cinder })],
    after: ['process:cinder-api'],
  });
}
