import { administrator } from '../../src/model/cloud-users.ts';
import { publicUrl, type RenderContext } from '../../src/model/context.ts';
import { file, job } from '../../src/model/make.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type VolumeMount } from '../../src/model/workload.ts';
import { osloJobFile } from '../common/oslo-file.ts';
import { databaseSection } from '../common/sections.ts';

const configFile = `${CONFIG_DIR}/keystone.conf`;
const REPOSITORIES = ['fernet', 'credential'] as const;

/** Puts the first keys in place; a repository that has keys is left alone, so that none is ever lost. */
export function keysJob(context: RenderContext, keys: VolumeMount): Job {
  return job({
    name: 'keystone-keys',
    service: 'keystone',
    image: 'keystone',
    command: ['/usr/local/bin/install-first-keys', CONFIG_DIR, keys.path],
    user: userOf('keystone'),
    files: REPOSITORIES.flatMap((repository) =>
      ['0', '1'].map((index) =>
        file(`${CONFIG_DIR}/${repository}-keys/${index}`, context.secret(`keystone-${repository}-${index}`), {
          gid: users.keystone,
        }),
      ),
    ),
    volumes: [keys],
  });
}

/** The administrator, the roles, the region and Keystone's own endpoints; harmless when they exist. */
export function bootstrapJob(context: RenderContext, keys: VolumeMount): Job {
  return job({
    name: 'keystone-bootstrap',
    service: 'keystone',
    image: 'keystone',
    command: [
      '/usr/local/bin/bootstrap-keystone',
      `${CONFIG_DIR}/admin-password`,
      configFile,
      context.region,
      publicUrl(context, 'keystone', 5000, '/v3'),
      'http://keystone:5000/v3',
    ],
    user: userOf('keystone'),
    files: [
      osloJobFile(context, {
        name: 'keystone.conf',
        job: 'keystone-bootstrap',
        gid: users.keystone,
        sections: [
          {
            database: databaseSection(context, 'keystone', { patient: true }),
            fernet_tokens: { key_repository: `${keys.path}/fernet-keys` },
            fernet_receipts: { key_repository: `${keys.path}/fernet-keys` },
            credential: { key_repository: `${keys.path}/credential-keys` },
          },
        ],
      }),
      file(`${CONFIG_DIR}/admin-password`, context.secret(administrator.secret), { gid: users.keystone }),
    ],
    volumes: [keys],
    after: ['job:keystone-schema', 'job:keystone-keys'],
    reaches: ['keystone'],
  });
}
