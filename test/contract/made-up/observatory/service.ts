/**
 * A service that exists nowhere, with what the usual ones have and what only some do: docs/adding-a-service.md goes
 * through it, and nothing outside this folder knows of it.
 */

import { z } from 'zod';
import { usualNeeds } from '../../../../catalogue/common/needs.ts';
import {
  authTokenSections,
  databaseSection,
  keyManagerSections,
  messagingSections,
  serviceCredentials,
} from '../../../../catalogue/common/sections.ts';
import { apiProcess, rpcWorker, schemaJobs } from '../../../../catalogue/common/workloads.ts';
import type { RenderContext } from '../../../../src/model/context.ts';
import { mergeDeclarations } from '../../../../src/model/declaration.ts';
import { shellHealth } from '../../../../src/model/health.ts';
import { file, process } from '../../../../src/model/make.ts';
import type { OsloSections } from '../../../../src/model/oslo.ts';
import { defineService } from '../../../../src/model/service.ts';
import { blockDevices, section } from '../../../../src/model/settings/fields.ts';
import type { SettingsOf } from '../../../../src/model/settings/settings.ts';
import { take, taking } from '../../../../src/model/take.ts';
import { userOf, users } from '../../../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../../../src/model/workload.ts';

const service = {
  service: 'observatory',
  image: 'openstack',
  user: 'client',
  config: 'observatory.conf',
} as const;

const settings = {
  observatory: section({
    site: z.string().default('La Silla').describe('Where the telescopes are.'),
    telescopes: blockDevices().describe('The telescopes, each a device.'),
  }).describe('The observatory.'),
};

type Context = RenderContext<SettingsOf<typeof settings>>;

export default defineService({
  name: 'observatory',
  summary: 'Telescopes as a service',
  byDefault: false,
  required: false,
  processNames: {
    'observatory-api': { replicas: true, workers: true },
    'observatory-ephemeris': { replicas: false },
    'observatory-telescope': { replicas: false, perDevice: ({ observatory }) => observatory.telescopes },
  },
  configFiles: { 'observatory.conf': {} },
  settings,
  declare: () =>
    mergeDeclarations(
      usualNeeds('observatory', {
        broker: true,
        api: { type: 'astronomy', description: 'Observatory', port: 9700 },
      }),
      {
        secrets: [{ name: 'observatory-observers', kind: 'password' }],
        // Manages the users of a domain of the observatory's own.
        accounts: [
          {
            user: 'observers',
            secret: 'observatory-observers',
            domain: 'observatory',
            roles: [],
            assignments: [{ roles: ['admin'], scope: { domain: 'observatory' } }],
          },
        ],
        frontends: [
          // A dashboard of the same process, where browsers look for one.
          {
            name: 'sky',
            kind: 'http',
            process: 'observatory-api',
            port: 9701,
            processPort: 9700,
            publicPort: 80,
          },
          { name: 'ephemeris', kind: 'udp', process: 'observatory-ephemeris', port: 9702, publicPort: 9702 },
        ],
      },
    ),
  gives: {
    metrics: () => ({
      serviceType: 'astronomy',
      after: ['process:observatory-api'],
      reaches: ['observatory'],
    }),
  },
  givesUsers: ['metrics'],
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: 'observatory-api',
        sections: (own) => [...sharedSections(own), authTokenSections(own, 'observatory')],
        wsgi: {
          module: 'observatory.wsgi:application',
          environment: { OS_OBSERVATORY_CONFIG_DIR: CONFIG_DIR },
        },
      }),
      rpcWorker(context, {
        ...service,
        name: 'observatory-ephemeris',
        sections: sharedSections,
        // Single: a port that users reach over UDP is its own.
        replicas: 1,
        more: { update: 'recreate', ports: [{ name: 'ephemeris', port: 9702, protocol: 'udp' }] },
      }),
      taking(context, telescope),
    ],
    jobs: schemaJobs(context, {
      ...service,
      databases: { database: 'observatory' },
      command: (path, phase) => ['observatory-manage', '--config-file', path, 'db', phase],
    }),
    tasks: [],
  }),
});

function sharedSections(context: RenderContext): OsloSections[] {
  return [
    messagingSections(context, 'observatory'),
    keyManagerSections(context, { backend: 'observatory.keys.LocalKeyManager' }),
    { database: databaseSection(context, 'observatory') },
  ];
}

/** One for each telescope, which it has as /dev/telescope; what it has seen goes where servers' images are. */
function telescope(context: Context): Process {
  const wanted = {
    site: context.settings.observatory.site,
    observers: serviceCredentials(context, 'observers'),
    images: take(context, 'imageStore').serviceType,
  };
  return process({
    name: 'observatory-telescope',
    service: 'observatory',
    image: 'openstack',
    command: ['observatory-telescope', `${CONFIG_DIR}/telescope.json`],
    user: userOf('client'),
    files: [file(`${CONFIG_DIR}/telescope.json`, JSON.stringify(wanted), { gid: users.client })],
    on: ['storage'],
    spread: 'perDevice',
    perDevice: { devices: context.settings.observatory.telescopes, path: '/dev/telescope' },
    needs: { devices: [{ device: 'fuse', optional: true }] },
    health: shellHealth('test -S /tmp/mount'),
  });
}
