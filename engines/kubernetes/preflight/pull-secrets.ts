import { GantryError } from '../../../src/errors.ts';
import { type Account, accountIn } from '../../../src/images/account.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { ClusterApi } from '../api/client.ts';
import { unlessMissing } from '../api/failure.ts';
import type { KubernetesSettings } from '../context.ts';

/** https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';

const check = 'imagePullSecrets';

/** Asks a registry for an image as somebody; throws `registry.refused` where it does not take the account. */
export type Admits = (registry: string, account: Account) => Promise<unknown>;

interface Secret {
  type?: string;
  data?: Record<string, string>;
}

/** Whether nodes get in at the registry by the secrets that they are told to use. */
export async function checkPullSecrets(
  api: ClusterApi,
  {
    settings,
    admits,
  }: {
    settings: Pick<KubernetesSettings, 'namespace' | 'registry' | 'imagePullSecrets'>;
    admits: Admits;
  },
): Promise<Finding[]> {
  const { namespace, registry, imagePullSecrets } = settings;
  const look = async (name: string): Promise<Finding> => {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const secret = await unlessMissing(api.request<Secret>('GET', path));
    if (secret?.type !== TYPE) return unusable(name, namespace, secret);
    return checkAccount(name, { secret, registry, admits });
  };
  return Promise.all(imagePullSecrets.map(look));
}

function unusable(name: string, namespace: string, secret: Secret | undefined): Finding {
  return {
    check,
    level: 'error',
    message: secret
      ? `the secret ${name} is of type ${secret.type}, not ${TYPE}`
      : `the namespace ${namespace} has no secret ${name}`,
    next: `Make it as docs/kubernetes.md says under "Images": \`kubectl create secret generic ${name} --namespace ${namespace} --type ${TYPE} --from-file ${KEY}=FILE\`.`,
  };
}

/** What the secret says is secret: nothing of it is told. */
export async function checkAccount(
  name: string,
  {
    secret: { data },
    registry = '',
    admits,
  }: { secret: Secret; registry: string | undefined; admits: Admits },
): Promise<Finding> {
  const host = registry.split('/')[0] ?? '';
  const next = `Make it anew from what \`docker --config . login ${host}\` writes.`;
  const account = accountOf(data?.[KEY], registry);
  // The kubelet knows patterns of hosts as well, so that this may be none of ours to refuse.
  if (!account) {
    return { check, level: 'warning', message: `the secret ${name} has no account for ${host}`, next };
  }
  try {
    await admits(registry, account);
    return { check, level: 'ok', message: `${name}, by which ${host} gives images` };
  } catch (thrown) {
    // Of a registry that does not answer another check tells.
    if (!(thrown instanceof GantryError) || thrown.code !== 'registry.refused') {
      return { check, level: 'ok', message: name };
    }
    return {
      check,
      level: 'error',
      message: `${host} does not take the account of the secret ${name}`,
      next,
    };
  }
}

function accountOf(encoded: string | undefined, registry: string) {
  try {
    return accountIn(Buffer.from(encoded ?? '', 'base64').toString('utf8'), registry);
  } catch {
    return undefined;
  }
}
