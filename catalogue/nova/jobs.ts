import { databaseSection, osloJobFile, transportUrl } from '../../src/model/openstack.ts';
import { literal } from '../../src/model/oslo.ts';
import { job, type RenderContext } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job } from '../../src/model/workload.ts';

const manage = ['nova-manage', '--config-file', `${CONFIG_DIR}/nova.conf`];

/** The API database, the cells and their schemas. */
export function schemaJobs(context: RenderContext): Job[] {
  return [
    schemaJob(context, 'nova-api-schema', [...manage, 'api_db', 'sync'], []),
    schemaJob(context, 'nova-schema', [...manage, 'db', 'sync', '--local_cell'], []),
    schemaJob(
      context,
      'nova-cell0-schema',
      ['/usr/local/bin/sync-cell0', `${CONFIG_DIR}/nova.conf`, `${CONFIG_DIR}/cell0.conf`],
      [],
    ),
    schemaJob(
      context,
      'nova-cells',
      ['/usr/local/bin/map-cells', `${CONFIG_DIR}/nova.conf`],
      ['job:nova-api-schema', 'job:nova-schema', 'job:nova-cell0-schema'],
    ),
  ];
}

function schemaJob(context: RenderContext, name: string, command: string[], after: Job['after']): Job {
  const databases = {
    api_database: databaseSection(context, 'nova_api'),
    database: databaseSection(context, 'nova'),
  };
  const files = [
    osloJobFile(context, {
      name: 'nova.conf',
      job: name,
      gid: users.nova,
      sections: [databases, { DEFAULT: { transport_url: literal(transportUrl(context, 'nova')) } }],
    }),
  ];
  return job({
    name,
    service: 'nova',
    image: 'nova',
    command,
    user: userOf('nova'),
    files,
    after: ['process:mariadb', ...after],
  });
}
