import { type RenderContext, serversUrl } from '../../src/model/context.ts';
import { jsonFile } from '../../src/model/make.ts';
import { literal, type OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { type Pipelines, pipelinesFile } from '../common/audit.ts';
import {
  authTokenSections,
  databaseSection,
  messagingSections,
  serviceCredentials,
  serviceLogin,
} from '../common/sections.ts';

export const PORT = 8004;
export const CFN_PORT = 8000;
/** Front ends: of Heat's own API, and of CloudFormation's. */
export const FRONT_END = 'heat';
export const CFN_FRONT_END = 'heat-cfn';

/** Who acts for users by trusts of theirs, and has no rights but those. */
export const TRUSTEE = 'heat-trustee';
/** Who makes users for resources that call Heat, in a domain where there are no others. */
export const DOMAIN_ADMIN = 'heat-domain-admin';
export const DOMAIN = 'heat';
/** The role of those users, which opens nothing but their own resource. */
export const STACK_USER = 'heat_stack_user';
/** Encrypts what is kept of trusts and of hidden parameters. */
export const ENCRYPTION_KEY = 'heat-encryption';

const POLICY_FILE = `${CONFIG_DIR}/heat-policy.yaml`;

/**
 * By itself Heat lets nobody list the stacks of all projects, not even administrators; and nobody ask CloudFormation's API for a
 * resource, as servers do for their deployments: it compares projects there with one that it does not say. The engine
 * looks within the project of who asks, and shows a server its own resource alone.
 */
export function policyFiles(): RenderedFile[] {
  const policies = {
    'stacks:global_index': 'role:admin',
    'cloudformation:DescribeStackResource': `role:reader or role:${STACK_USER}`,
  };
  return [jsonFile(POLICY_FILE, policies, { gid: users.heat })];
}

/** What users of stacks must have, and what trusts hand on: no more than is needed to make resources. */
const ROLE = 'member';

/** What both processes read. */
export function baseSections(context: RenderContext): OsloSections[] {
  const {
    region_name: _,
    project_name: __,
    project_domain_name: ___,
    ...trustee
  } = serviceCredentials(context, TRUSTEE);
  const domainAdmin = serviceLogin(context, DOMAIN_ADMIN);
  const identity = take(context, 'identity').url;
  return [
    messagingSections(context, 'heat'),
    {
      DEFAULT: {
        region_name_for_services: context.region,
        trusts_delegated_roles: ROLE,
        stack_user_domain_name: DOMAIN,
        stack_domain_admin: domainAdmin.username,
        stack_domain_admin_password: literal(domainAdmin.password),
        auth_encryption_key: literal(context.secret(ENCRYPTION_KEY)),
      },
      database: databaseSection(context, 'heat'),
      trustee,
      clients: { endpoint_type: 'internalURL' },
      clients_keystone: { auth_uri: identity },
    },
  ];
}

/** Those of both APIs. */
export const pipelines: Pipelines = { file: '/etc/heat/api-paste.ini', map: 'heat' };

export function apiSections(context: RenderContext): OsloSections[] {
  return [
    authTokenSections(context, 'heat'),
    { oslo_policy: { policy_file: POLICY_FILE } },
    { paste_deploy: { api_paste_config: pipelinesFile(context, pipelines) } },
    { ec2authtoken: { auth_uri: `${take(context, 'identity').url}/v3` } },
  ];
}

/** Addresses that servers call, for what waits for them and what scales by them. */
export function engineSections(context: RenderContext): OsloSections[] {
  const cfn = serversUrl(context, CFN_FRONT_END, CFN_PORT);
  return [
    {
      DEFAULT: {
        num_engine_workers: context.workers('heat-engine', 1),
        heat_metadata_server_url: cfn,
        heat_waitcondition_server_url: `${cfn}/v1/waitcondition`,
        server_keystone_endpoint_type: 'public',
      },
      clients_heat: { url: serversUrl(context, FRONT_END, PORT, '/v1/%(tenant_id)s') },
    },
  ];
}
