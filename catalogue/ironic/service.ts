import type { RenderContext } from '../../src/model/context.ts';
import { mergeDeclarations, type ServiceDeclaration } from '../../src/model/declaration.ts';
import { connectedHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { osloOnNode } from '../common/node-name.ts';
import { osloFile } from '../common/oslo-file.ts';
import { passwordLine } from '../common/password-line.ts';
import { commonSections } from '../common/sections.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import { answersAt, bootFiles, bootServer, httpServer } from './boot.ts';
import { apiSections, cloudConductorSections, DATA, standaloneSections, USERS_FILE } from './config.ts';
import { enrolmentFiles, machineProcess } from './machines.ts';
import { API_PORT, BMC_PASSWORD, BOOT_PORT, PASSWORD, USER } from './names.ts';
import { checkSettings, type IronicSettings, settings } from './settings.ts';

type Context = RenderContext<IronicSettings>;

const CONFIG = 'ironic.conf';
const service = { service: 'ironic', config: CONFIG } as const;

/**
 * In a whole cloud an API behind the front door and a conductor on each network node. Alone, both are one process with a
 * database of its own: it needs no broker, no Keystone, and nobody's schema jobs.
 */
export default defineService({
  name: 'ironic',
  summary: 'Bare metal: machines without an operating system become servers',
  byDefault: false,
  required: false,
  processNames: {
    'ironic-api': { replicas: true, workers: true, bySettings: true },
    'ironic-conductor': { replicas: false, bySettings: true },
    ironic: { replicas: false, bySettings: true },
    'ironic-boot': { replicas: false },
    'ironic-http': { replicas: false },
    'virtual-bmc': { replicas: false, bySettings: true },
  },
  configFiles: { [CONFIG]: {} },
  settings,
  checkSettings,
  isAlone: ({ baremetal }) => baremetal.standalone,
  declare: ({ settings: { baremetal } }) =>
    mergeDeclarations(
      baremetal.standalone ? { secrets: [{ name: PASSWORD, kind: 'password' }] } : inCloud(),
      baremetal.virtual.machines > 0 ? { secrets: [{ name: BMC_PASSWORD, kind: 'password' }] } : {},
    ),
  render: (context) => {
    const { standalone, virtual } = context.settings.baremetal;
    const boot = [bootServer(context), httpServer(context)];
    const machines = virtual.machines > 0 ? [machineProcess(context)] : [];
    if (standalone) return { processes: [alone(context), ...boot, ...machines], jobs: [], tasks: [] };
    return {
      processes: [api(context), conductor(context), ...boot, ...machines],
      jobs: [
        schemaJob(context, {
          ...service,
          databases: { database: 'ironic' },
          command: (path) => ['ironic-dbsync', '--config-file', path, 'upgrade'],
        }),
      ],
      tasks: [],
    };
  },
});

/** Agents on machines call the API as well. */
function inCloud(): ServiceDeclaration {
  const usual = usualNeeds('ironic', {
    broker: true,
    api: { type: 'baremetal', description: 'OpenStack Bare Metal', port: API_PORT },
  });
  return {
    ...usual,
    frontends: usual.frontends?.map((one) => ({ ...one, forServers: true as const })) ?? [],
  };
}

function api(context: Context): Process {
  return apiProcess(context, {
    ...service,
    name: 'ironic-api',
    sections: apiSections,
    wsgi: { module: 'ironic.wsgi:application', environment: {} },
  });
}

function conductor(context: Context): Process {
  return rpcWorker(context, {
    ...service,
    name: 'ironic-conductor',
    sections: cloudConductorSections,
    // Of what machines are doing, it writes down how far it is.
    graceSeconds: 60,
    more: {
      command: ['/usr/local/bin/start-conductor', `${CONFIG_DIR}/${CONFIG}`, String(BOOT_PORT)],
      update: 'recreate',
      on: ['network'],
      spread: 'perNode',
      volumes: [bootFiles],
      needs: osloOnNode,
      health: connectedHealth(5672, 'the message broker', { startSeconds: 120 }),
    },
  });
}

function alone(context: Context): Process {
  const { gateway } = context.external;
  const password = context.secret(PASSWORD);
  const gid = users.ironic;
  return process({
    name: 'ironic',
    service: 'ironic',
    image: 'ironic',
    command: ['/usr/local/bin/start-ironic', `${CONFIG_DIR}/${CONFIG}`],
    user: userOf('ironic'),
    files: [
      osloFile(context, {
        name: CONFIG,
        process: 'ironic',
        gid,
        sections: [commonSections(context), ...standaloneSections(context)],
      }),
      file(USERS_FILE, passwordLine(USER, password), { gid }),
      file(`${CONFIG_DIR}/ironic-password`, password, { gid }),
      file(`${CONFIG_DIR}/ironic-endpoint`, `http://${gateway}:${API_PORT}\n`, { gid, secret: false }),
      ...enrolmentFiles(context),
    ],
    volumes: [{ volume: 'ironic', path: DATA, scope: 'node' }, bootFiles],
    on: ['network'],
    spread: 'perNode',
    needs: osloOnNode,
    ports: [{ name: 'api', port: API_PORT }],
    health: answersAt(gateway, API_PORT, '/'),
    after: ['process:ironic-http'],
    stop: { signal: 'SIGTERM', graceSeconds: 60 },
  });
}
