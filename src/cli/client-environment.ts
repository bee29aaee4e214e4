import { type ShellName, setVariable, unsetVariables } from '../model/shell.ts';

/** Most names on one line of what unsets them. */
const NAMES_A_LINE = 6;

/**
 * Variables of an openrc that the `openstack` client prefers to what clouds.yaml says of OS_CLOUD, or that other clients
 * do: options of keystoneauth's plugins and osc-lib's own, as `osc_lib.api.auth.get_options_list` and osc_lib/shell.py
 * of 3.2.0 read them; OS_CLIENT_SECURE_FILE is merged into clouds.yaml, and OS_CLOUD_NAME may be no name in it.
 */
export const overriding = [
  'OS_AUTH_TYPE OS_AUTH_PLUGIN OS_AUTH_URL OS_AUTH_METHODS OS_AUTH_STRATEGY',
  'OS_USERNAME OS_USER_NAME OS_USER_ID OS_USER_DOMAIN_ID OS_USER_DOMAIN_NAME OS_PASSWORD OS_PASSCODE',
  'OS_PROJECT_ID OS_PROJECT_NAME OS_PROJECT_DOMAIN_ID OS_PROJECT_DOMAIN_NAME OS_TENANT_ID OS_TENANT_NAME',
  'OS_DOMAIN_ID OS_DOMAIN_NAME OS_DEFAULT_DOMAIN OS_DEFAULT_DOMAIN_ID OS_DEFAULT_DOMAIN_NAME',
  'OS_SYSTEM_SCOPE OS_TRUST_ID OS_TOKEN OS_URL OS_ENDPOINT OS_ENDPOINT_OVERRIDE',
  'OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_NAME OS_APPLICATION_CREDENTIAL_SECRET',
  'OS_REGION_NAME OS_INTERFACE OS_ENDPOINT_TYPE OS_CACERT OS_CERT OS_KEY OS_INSECURE',
  'OS_IDENTITY_API_VERSION OS_COMPUTE_API_VERSION OS_IMAGE_API_VERSION OS_NETWORK_API_VERSION',
  'OS_VOLUME_API_VERSION OS_OBJECT_API_VERSION OS_PLACEMENT_API_VERSION',
  'OS_IDENTITY_PROVIDER OS_IDENTITY_PROVIDER_URL OS_PROTOCOL OS_SERVICE_PROVIDER',
  'OS_SERVICE_PROVIDER_ENDPOINT OS_SERVICE_PROVIDER_ENTITY_ID OS_DISCOVERY_ENDPOINT OS_OPENID_SCOPE',
  'OS_CLIENT_ID OS_CLIENT_SECRET OS_CODE OS_AUTHORIZATION_CODE OS_CODE_CHALLENGE_METHOD OS_REDIRECT_URI',
  'OS_ACCESS_TOKEN OS_ACCESS_TOKEN_TYPE OS_ACCESS_TOKEN_ENDPOINT OS_DEVICE_AUTHORIZATION_ENDPOINT',
  'OS_ACCESS_KEY OS_ACCESS_SECRET OS_CONSUMER_KEY OS_CONSUMER_SECRET OS_IDP_OTP_KEY',
  'OS_OAUTH2_CLIENT_ID OS_OAUTH2_CLIENT_SECRET OS_OAUTH2_ENDPOINT',
  'OS_REMOTE_PROJECT_ID OS_REMOTE_PROJECT_NAME OS_REMOTE_PROJECT_DOMAIN_ID OS_REMOTE_PROJECT_DOMAIN_NAME',
  'OS_CLIENT_SECURE_FILE OS_CLOUD_NAME',
].flatMap((names) => names.split(' '));

export interface ClientEnvironment {
  /** Path of clouds.yaml. */
  file: string;
  /** Entry in it. */
  entry: string;
  /** Hosts of the cloud's endpoints. */
  hosts: readonly string[];
  /** What the shell's programs have now. */
  environment: NodeJS.ProcessEnv;
}

/** Lines that make OpenStack's clients use one entry of clouds.yaml, and reach its endpoints without a proxy. */
export function describeEnvironment(
  { file, entry, hosts, environment }: ClientEnvironment,
  shell: ShellName,
): string {
  const unset: string[] = [];
  for (let from = 0; from < overriding.length; from += NAMES_A_LINE) {
    unset.push(unsetVariables(overriding.slice(from, from + NAMES_A_LINE), shell));
  }
  const variables = { OS_CLIENT_CONFIG_FILE: file, OS_CLOUD: entry, ...noProxy(hosts, environment) };
  const set = Object.entries(variables).map(([name, value]) => setVariable(name, value, shell));
  return `${[...unset, ...set].join('\n')}\n`;
}

/** Both spellings: clients read one of them or the other. */
function noProxy(hosts: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const proxies = ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  if (!proxies.some((name) => environment[name])) return {};
  const exempt = [environment.no_proxy, environment.NO_PROXY].flatMap((list) => list?.split(',') ?? []);
  const names = [...exempt.map((name) => name.trim()).filter(Boolean), ...hosts];
  const value = names.includes('*') ? '*' : [...new Set(names)].join(',');
  return { no_proxy: value, NO_PROXY: value };
}
