import { randomBytes } from 'node:crypto';
import { flavors } from '../../src/openstack/compute.ts';
import { assignRole, DEFAULT_DOMAIN, projects, roles, users } from '../../src/openstack/identity.ts';
import { ensureImage } from '../../src/openstack/image-upload.ts';
import { networks, subnets } from '../../src/openstack/network.ts';
import type { Session } from '../../src/openstack/session.ts';
import { AUTHORITY_FILE, BUILD_TIMEOUT, defineTempestPart, PREFIX } from '../../src/tempest/part.ts';

interface Seen {
  authUrl: string;
  ownAuthority: boolean;
  region: string | undefined;
  /** Of the user whose stacks they are: Heat's tests make none for themselves. */
  password: string;
}

/** What a project, its user, network, subnet, flavor and image are all called. */
const NAME = `${PREFIX}-stacks`;
const CIDR = '10.29.44.0/24';
const SECRET_BYTES = 16;

export default defineTempestPart<Seen>({
  prepare: async (admin, { authUrl, ownAuthority, guest }) => {
    const password = randomBytes(SECRET_BYTES).toString('hex');
    await Promise.all([
      makeProject(admin, password),
      flavors.create(admin, { name: NAME, vcpus: 1, ram: 128, disk: 1 }),
      ensureImage(admin, { ...guest, name: NAME, visibility: 'public' }, () => {}),
    ]);
    return { authUrl, ownAuthority, region: admin.region, password };
  },
  sections: ({ authUrl, ownAuthority, region }) => ({
    service_available: { heat: true },
    heat_plugin: {
      auth_url: authUrl,
      ca_file: ownAuthority ? AUTHORITY_FILE : undefined,
      region,
      username: NAME,
      user_domain_name: 'Default',
      project_name: NAME,
      project_domain_name: 'Default',
      image_ref: NAME,
      minimal_image_ref: NAME,
      instance_type: NAME,
      minimal_instance_type: NAME,
      fixed_network_name: NAME,
      fixed_subnet_name: NAME,
      network_for_ssh: NAME,
      build_interval: 1,
      build_timeout: BUILD_TIMEOUT,
      // They are for images with Heat's agents, which there is none of.
      skip_scenario_tests: true,
      // Off as Heat has them.
      skip_test_stack_action_list: 'ABANDON,ADOPT',
    },
    heat_features_enabled: { stack_cancel: true, multi_cloud: false },
  }),
  secrets: ({ password }) => ({ heat_plugin: { password } }),
});

async function makeProject(admin: Session, password: string): Promise<void> {
  const [project, user, member] = await Promise.all([
    projects.create(admin, { name: NAME, domain_id: DEFAULT_DOMAIN }),
    users.create(admin, { name: NAME, password, domain_id: DEFAULT_DOMAIN }, { secrets: [password] }),
    roles.find(admin, { name: 'member' }),
  ]);
  if (member) await assignRole(admin, { user: user.id, role: member.id, scope: { project: project.id } });
  const network = await networks.create(admin, { name: NAME, project_id: project.id });
  await subnets.create(admin, {
    name: NAME,
    project_id: project.id,
    network_id: network.id,
    cidr: CIDR,
    ip_version: 4,
  });
}
