import { defineService } from '../../src/model/service.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { authTokenSections, databaseSection } from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';

const service = { service: 'placement', config: 'placement.conf' } as const;

export default defineService({
  name: 'placement',
  summary: 'What resources there are, and who holds them',
  byDefault: true,
  required: true,
  processNames: { 'placement-api': { replicas: true, workers: true } },
  configFiles: { 'placement.conf': {} },
  declare: () =>
    usualNeeds('placement', { api: { type: 'placement', description: 'OpenStack Placement', port: 8778 } }),
  gives: {
    placement: () => ({ serviceType: 'placement', after: ['process:placement-api'], reaches: [] }),
  },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: 'placement-api',
        sections: (own) => [
          authTokenSections(own, 'placement'),
          { placement_database: databaseSection(own, 'placement'), api: { auth_strategy: 'keystone' } },
        ],
        wsgi: {
          module: 'placement.wsgi.api:application',
          threads: 4,
          environment: { OS_PLACEMENT_CONFIG_DIR: CONFIG_DIR },
        },
      }),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { placement_database: 'placement' },
        command: (file) => ['placement-manage', '--config-file', file, 'db', 'sync'],
      }),
    ],
    tasks: [],
  }),
});
