import { shellHealth } from '../../src/model/health.ts';
import { defineService, file, process } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';

export default defineService({
  name: 'client',
  summary: 'The openstack command, authenticated',
  byDefault: true,
  required: true,
  processNames: { client: { replicas: false } },
  declare: () => ({}),
  render: (context) => ({
    processes: [
      process({
        name: 'client',
        service: 'client',
        image: 'client',
        command: ['sleep', 'infinity'],
        user: userOf('client'),
        files: [
          file(
            `${CONFIG_DIR}/clouds.yaml`,
            `clouds:
  ${context.cloud}:
    region_name: ${context.region}
    interface: internal
    identity_api_version: 3
    auth:
      auth_url: http://keystone:5000/v3
      username: admin
      password: ${context.secret('keystone-admin')}
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
`,
            { gid: users.client },
          ),
        ],
        tmpfs: ['/tmp', '/home/client'],
        reaches: ['keystone'],
        health: shellHealth('exit 0'),
      }),
    ],
    jobs: [],
    tasks: [],
  }),
});
