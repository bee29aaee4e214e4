import { GantryError, messageOf } from '../../../src/errors.ts';
import type { Status } from './objects.ts';

/** An answer of the API server that is not a success. */
export class ApiFailure extends Error {
  constructor(
    readonly httpStatus: number,
    readonly status: Status,
    what: string,
  ) {
    super(status.message ? `${status.message} (${what})` : `${what}: HTTP ${httpStatus}`);
    this.name = 'ApiFailure';
  }
}

export function httpStatusOf(thrown: unknown): number | undefined {
  return thrown instanceof ApiFailure ? thrown.httpStatus : undefined;
}

/** Resolves to undefined where the API server says "not found"; every other failure stays one. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (httpStatusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

/** Resolves to undefined for what these credentials may not see. */
export async function unlessForbidden<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (httpStatusOf(thrown) === 403) return undefined;
    throw thrown;
  }
}

/** Whether something was refused because its namespace is on its way out. */
export function isTerminating(thrown: unknown): boolean {
  if (!(thrown instanceof ApiFailure) || thrown.httpStatus !== 403) return false;
  const causes = thrown.status.details?.causes ?? [];
  return (
    causes.some(({ reason }) => reason === 'NamespaceTerminating') || /being terminated/.test(thrown.message)
  );
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
}

/**
 * What the cluster refused, as an error for users; `what` is the sentence of what failed. Errors that are one
 * already, and aborts, come back unchanged.
 */
export function clusterFailure(what: string, thrown: unknown): unknown {
  if (thrown instanceof GantryError || isAbort(thrown)) return thrown;
  return new GantryError({ ...classify(thrown), message: what, why: messageOf(thrown), cause: thrown });
}

function classify(thrown: unknown): { code: string; whose: 'environment' | 'bug'; next?: string } {
  const whose = 'environment';
  const status = httpStatusOf(thrown);
  const why = messageOf(thrown);
  switch (status) {
    case 401:
      return {
        code: 'kubernetes.unauthorized',
        whose,
        next: 'The credentials in the kubeconfig are wrong or expired: log in to the cluster again.',
      };
    case 403:
      if (/exceeded quota/i.test(why)) {
        return { code: 'kubernetes.quota', whose, next: 'Raise the quota of the namespace.' };
      }
      if (/external IPs is denied/i.test(why)) {
        return {
          code: 'kubernetes.external-addresses',
          whose,
          next: 'Set kubernetes.frontDoor in cloud.yaml to nodes, where Kubernetes is 1.24 or newer, or else to loadBalancer: this cluster lets no service have externalIPs.',
        };
      }
      if (/violates PodSecurity|podsecurity|security policy/i.test(why)) {
        return {
          code: 'kubernetes.pod-security',
          whose,
          next: 'Allow privileged pods in the namespace: networking and virtualisation need capabilities on the node.',
        };
      }
      return {
        code: 'kubernetes.forbidden',
        whose,
        next: '"gantry doctor" lists every right that is missing; have the administrator of the cluster grant them.',
      };
    case 404:
      return { code: 'kubernetes.not-found', whose };
    case 422:
    case 400:
      return { code: 'kubernetes.refused', whose: 'bug' };
    case undefined:
      return {
        code: 'kubernetes.connection',
        whose,
        next: 'Check that the cluster can be reached (`kubectl cluster-info`), then run the command again.',
      };
    default:
      return { code: 'kubernetes.refused', whose };
  }
}

/** Why no connection came about, by the codes of Node's network and TLS errors. */
export function unreachable(server: string, context: string, thrown: unknown): GantryError {
  const code = (thrown as NodeJS.ErrnoException).code ?? '';
  const { why, next } = describeConnectionError(code, messageOf(thrown));
  return new GantryError({
    code: 'kubernetes.unreachable',
    whose: 'environment',
    message: `The cluster of context ${context} does not answer at ${server}`,
    why,
    next,
    cause: thrown,
  });
}

/** A network or TLS error in words, with what to do about it. */
export function describeConnectionError(code: string, message: string): { why: string; next: string } {
  if (/CERT_HAS_EXPIRED/.test(code)) {
    return {
      why: 'its certificate has expired',
      next: "Renew the API server's certificate, or set the clock.",
    };
  }
  if (/ALTNAME_INVALID/.test(code)) {
    return {
      why: `its certificate is for other names: ${message}`,
      next: 'Use a name of the certificate as `server:`, or set `tls-server-name:` in the kubeconfig.',
    };
  }
  if (/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_/.test(code)) {
    return {
      why: `its certificate is not signed by the authority in the kubeconfig (${message})`,
      next: 'Correct `certificate-authority` in the kubeconfig: the cluster may have been made anew.',
    };
  }
  if (/EPROTO|WRONG_VERSION|ERR_SSL/.test(code)) {
    return {
      why: `what answers there does not speak TLS as expected (${message})`,
      next: 'Check scheme and port of `server:`.',
    };
  }
  const next = 'Start the cluster, or choose another context with --context.';
  switch (code) {
    case 'ECONNREFUSED':
      return { why: 'nothing listens there', next };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        why: 'its name has no address here',
        next: 'Check `server:` in the kubeconfig, and the network.',
      };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        why: 'no answer came',
        next: 'Check the network, VPN or firewall between here and the cluster.',
      };
    default:
      return { why: message, next };
  }
}
