import { httpHealth } from '../../src/model/health.ts';
import { job, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import { osloFile, osloJobFile } from '../common/oslo-file.ts';
import { schemaCommand } from '../common/schema.ts';
import { authTokenSections, commonSections, databaseSection } from '../common/sections.ts';
import { uwsgiCommand, uwsgiFile } from '../common/uwsgi.ts';

export default defineService({
  name: 'placement',
  summary: 'What resources there are, and who holds them',
  byDefault: true,
  required: true,
  processNames: { 'placement-api': { replicas: true, workers: true } },
  configFiles: { 'placement.conf': {} },
  declare: () => ({
    secrets: [
      { name: 'placement-account', kind: 'password' },
      { name: 'placement-database', kind: 'password' },
    ],
    databases: [{ name: 'placement', user: 'placement', secret: 'placement-database' }],
    accounts: [{ user: 'placement', secret: 'placement-account', roles: ['admin', 'service'] }],
    endpoints: [
      {
        service: 'placement',
        type: 'placement',
        description: 'OpenStack Placement',
        frontend: 'placement',
        path: '',
      },
    ],
    frontends: [{ name: 'placement', kind: 'http', process: 'placement-api', port: 8778, publicPort: 8778 }],
  }),
  render: (context) => ({
    processes: [
      process({
        name: 'placement-api',
        service: 'placement',
        image: 'placement',
        command: uwsgiCommand,
        user: userOf('placement'),
        files: [
          osloFile(context, {
            name: 'placement.conf',
            process: 'placement-api',
            gid: users.placement,
            sections: [
              commonSections(context),
              authTokenSections(context, 'placement'),
              {
                placement_database: databaseSection(context, 'placement'),
                api: { auth_strategy: 'keystone' },
              },
            ],
          }),
          uwsgiFile({
            module: 'placement.wsgi.api:application',
            port: 8778,
            workers: context.workers('placement-api', 1),
            threads: 4,
            gid: users.placement,
            environment: { OS_PLACEMENT_CONFIG_DIR: CONFIG_DIR },
          }),
        ],
        replicas: context.replicas('placement-api'),
        update: 'rolling',
        ports: [{ name: 'api', port: 8778 }],
        health: httpHealth(8778),
        stop: { signal: 'SIGTERM', graceSeconds: 30 },
        after: ['job:placement-schema', 'process:memcached'],
        reaches: ['mariadb', 'memcached', 'keystone'],
      }),
    ],
    jobs: [
      job({
        name: 'placement-schema',
        service: 'placement',
        image: 'placement',
        command: schemaCommand(
          `${CONFIG_DIR}/placement.conf`,
          ['placement'],
          ['placement-manage', '--config-file', `${CONFIG_DIR}/placement.conf`, 'db', 'sync'],
        ),
        user: userOf('placement'),
        files: [
          osloJobFile(context, {
            name: 'placement.conf',
            job: 'placement-schema',
            gid: users.placement,
            sections: [{ placement_database: databaseSection(context, 'placement', { patient: true }) }],
          }),
        ],
        after: ['process:mariadb'],
        reaches: ['mariadb'],
      }),
    ],
    tasks: [],
  }),
});
