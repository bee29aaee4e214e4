import { shellHealth } from '../../src/model/health.ts';
import { defineService, file, process, type RenderContext } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';

/** Password of the user that `gantry demo` makes. */
const DEMO_SECRET = 'demo-account';

/** One of clouds.yaml: a user in the project of the same name. */
function entry(
  context: Pick<RenderContext, 'region' | 'secret'>,
  name: string,
  user: string,
  secret: string,
) {
  return `  ${name}:
    region_name: ${context.region}
    interface: internal
    identity_api_version: 3
    auth:
      auth_url: http://keystone:5000/v3
      username: ${user}
      password: ${context.secret(secret)}
      project_name: ${user}
      user_domain_name: Default
      project_domain_name: Default
`;
}

export default defineService({
  name: 'client',
  summary: 'The openstack command, authenticated',
  byDefault: true,
  required: true,
  processNames: { client: { replicas: false } },
  declare: () => ({ secrets: [{ name: DEMO_SECRET, kind: 'password' }] }),
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
${entry(context, context.cloud, 'admin', 'keystone-admin')}${entry(context, `${context.cloud}-demo`, 'demo', DEMO_SECRET)}`,
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
