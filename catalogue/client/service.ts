import { CLIENT_FILES } from '../../src/model/client.ts';
import { administrator, demoUser, entryName, type Login } from '../../src/model/cloud-users.ts';
import type { RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';

/** A user's entry in clouds.yaml. A cloud may be called `on`, and a region `1.0`: in quotes they are names. */
function entry(context: RenderContext, login: Login): string {
  const { cloud, region, secret } = context;
  return `  ${JSON.stringify(entryName(cloud, login.user))}:
    region_name: ${JSON.stringify(region)}
    interface: internal
    identity_api_version: 3
    auth:
      auth_url: ${take(context, 'identity').login.url}
      username: ${login.user}
      password: ${secret(login.secret)}
      project_name: ${login.project}
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
  declare: () => ({ secrets: [{ name: demoUser.secret, kind: 'password' }] }),
  gives: { openstackClient: () => ({ process: 'client', after: ['process:client'], reaches: [] }) },
  givesUsers: ['openstackClient'],
  render: (context) => ({
    // It only waits for commands: it need not wait for what they are for.
    processes: [taking(context, client, ['identity'])],
    jobs: [],
    tasks: [],
  }),
});

function client(context: RenderContext): Process {
  return process({
    name: 'client',
    service: 'client',
    image: 'client',
    command: ['sleep', 'infinity'],
    user: userOf('client'),
    files: [
      file(
        `${CONFIG_DIR}/clouds.yaml`,
        `clouds:\n${entry(context, administrator)}${entry(context, demoUser)}`,
        { gid: users.client },
      ),
    ],
    tmpfs: ['/tmp', '/home/client'],
    // Images of servers are among them: too large for memory.
    scratch: [CLIENT_FILES],
    health: shellHealth('exit 0'),
  });
}
