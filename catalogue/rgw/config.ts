import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { OBJECT_PORT, RESELLER_ADMIN } from '../common/object-store.ts';
import { CEPH_FILE, poolClientFiles } from '../common/pool-client.ts';
import { serviceLogin } from '../common/sections.ts';
import { ACCOUNT, CLIENT } from './names.ts';

export const KEY = 'ceph-rgw-key';

const PASSWORD_FILE = `${CONFIG_DIR}/keystone-password`;
const owner = { gid: users.ceph };

/**
 * All pools that it opens or makes when it starts and when it is used, which it would make with 32 placement groups each:
 * those of the zone `default`. Objects are in `data`; what is in the others is small.
 * https://docs.ceph.com/en/reef/radosgw/pools/
 */
export const groups = {
  '.rgw.root': 1,
  'default.rgw.control': 1,
  'default.rgw.meta': 2,
  'default.rgw.log': 4,
  'default.rgw.buckets.index': 4,
  'default.rgw.buckets.non-ec': 2,
  'default.rgw.buckets.data': 16,
};

export function configFiles(context: RenderContext): RenderedFile[] {
  const [{ login: name, secret }] = context.logins(CLIENT, KEY);
  const [ceph, ...keyrings] = poolClientFiles(
    context,
    take(context, 'cephCluster'),
    { name, secret },
    users.ceph,
  );
  const login = serviceLogin(context, ACCOUNT);
  return [
    file(CEPH_FILE, `${ceph?.content}\n[client.${name}]\n${gatewaySettings(context, login)}`, owner),
    ...keyrings,
    file(PASSWORD_FILE, login.password, owner),
  ];
}

/** https://docs.ceph.com/en/reef/radosgw/config-ref/ and https://docs.ceph.com/en/reef/radosgw/keystone/ */
function gatewaySettings(context: RenderContext, login: ReturnType<typeof serviceLogin>): string {
  return `rgw_frontends = beast port=${OBJECT_PORT}
rgw_enable_apis = s3, swift
# What the front door says of the way to it.
rgw_remote_addr_param = HTTP_X_FORWARDED_FOR
rgw_trust_forwarded_https = true
# Keystone alone says who somebody is, for S3 at each request: to remember secrets it would have to read those of all users.
rgw_keystone_url = ${login.auth_url}
rgw_keystone_api_version = 3
rgw_keystone_admin_user = ${login.username}
rgw_keystone_admin_password_path = ${PASSWORD_FILE}
rgw_keystone_admin_domain = ${login.user_domain_name}
rgw_keystone_admin_project = ${login.project_name}
rgw_keystone_accepted_roles = member, admin
rgw_keystone_accepted_admin_roles = ${RESELLER_ADMIN}
rgw_s3_auth_use_keystone = true
rgw_s3_auth_use_rados = false
# Names of containers are each project's own.
rgw_keystone_implicit_tenants = true
rgw_swift_account_in_url = true
rgw_swift_versioning_enabled = true
# Clients name the region of the cloud where they make a bucket, and the zone has none.
rgw_relaxed_region_enforcement = true
${context.debug ? 'debug_rgw = 10\n' : ''}`;
}
