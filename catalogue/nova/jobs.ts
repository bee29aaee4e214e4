import type { RenderContext } from '../../src/model/context.ts';
import { job } from '../../src/model/make.ts';
import { literal } from '../../src/model/oslo.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job } from '../../src/model/workload.ts';
import { osloJobFile } from '../common/oslo-file.ts';
import { schemaCommand } from '../common/schema.ts';
import { databaseSection, transportUrl } from '../common/sections.ts';

const configFile = `${CONFIG_DIR}/nova.conf`;

/** The API database, the cells and their schemas. */
export function schemaJob(context: RenderContext): Job {
  const name = 'nova-schema';
  return job({
    name,
    service: 'nova',
    image: 'nova',
    command: schemaCommand(
      configFile,
      ['nova_api', 'nova_cell0', 'nova'],
      ['/usr/local/bin/sync-databases', configFile],
    ),
    user: userOf('nova'),
    files: [
      osloJobFile(context, {
        name: 'nova.conf',
        job: name,
        gid: users.nova,
        sections: [
          {
            DEFAULT: { transport_url: literal(transportUrl(context, 'nova')) },
            api_database: databaseSection(context, 'nova_api', { patient: true }),
            database: databaseSection(context, 'nova', { patient: true }),
          },
        ],
      }),
    ],
    after: ['process:mariadb'],
    reaches: ['mariadb', 'rabbitmq'],
  });
}
