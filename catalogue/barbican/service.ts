import type { RenderContext } from '../../src/model/context.ts';
import { mergeDeclarations } from '../../src/model/declaration.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { defineService } from '../../src/model/service.ts';
import { take } from '../../src/model/take.ts';
import { usualNeeds } from '../common/needs.ts';
import { authTokenSections, databaseSection } from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';
import { API, KEK } from './names.ts';

const service = { service: 'barbican', config: 'barbican.conf' } as const;

const PORT = 9311;
const INTERNAL_URL = `http://barbican:${PORT}`;

/**
 * Keys are made while their order is taken, not later by a worker: one less process, and an order is never left between
 * the two. https://docs.openstack.org/barbican/latest/configuration/config.html
 */
export default defineService({
  name: 'barbican',
  summary: 'Keys and other secrets of users',
  byDefault: false,
  required: false,
  processNames: { [API]: { replicas: true, workers: true } },
  configFiles: { 'barbican.conf': {} },
  declare: () =>
    mergeDeclarations(
      usualNeeds('barbican', {
        roles: ['service'],
        api: { type: 'key-manager', description: 'OpenStack Key Manager', port: PORT },
      }),
      { secrets: [{ name: KEK, kind: 'fernet' }] },
    ),
  gives: {
    keyManager: (context) => ({
      url: INTERNAL_URL,
      castellan: castellanSections(context),
      after: [`process:${API}`],
      reaches: ['barbican'],
    }),
  },
  givesUsers: ['keyManager'],
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: API,
        sections: (own) => [
          authTokenSections(own, 'barbican'),
          {
            // What it has made is named by the address that it was asked at, which is another one for users.
            DEFAULT: { host_href: '' },
            database: databaseSection(own, 'barbican'),
            // `member` and `reader` count, as for other services. By itself Barbican still prefers its old roles (20.0.0).
            oslo_policy: { enforce_new_defaults: true, enforce_scope: true },
            simple_crypto_plugin: { kek: own.keys(KEK) },
          },
        ],
        wsgi: { module: 'barbican.api.app:get_api_wsgi_script()', threads: 4, environment: {} },
        healthPath: '/healthcheck',
      }),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { database: 'barbican' },
        command: () => ['barbican-manage', 'db', 'upgrade'],
      }),
    ],
    tasks: [],
  }),
});

/**
 * Whoever asks does so as the user it works for, by that user's token. With the address said, Castellan looks for neither
 * it nor the version.
 */
function castellanSections(context: RenderContext): OsloSections {
  return {
    key_manager: { backend: 'barbican' },
    barbican: {
      auth_endpoint: `${take(context, 'identity').url}/v3`,
      barbican_endpoint: INTERNAL_URL,
      barbican_api_version: 'v1',
    },
  };
}
