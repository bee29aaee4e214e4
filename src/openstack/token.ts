import type { Agent } from 'undici';
import type { Clock } from '../model/clock.ts';
import type { CatalogueService, Interface } from './catalogue.ts';
import { ApiError, readErrorText } from './errors.ts';
import { send } from './http.ts';

/** A user with a password, and what the token is for: a project, the system, or neither. */
export interface Credentials {
  user: string;
  password: string;
  /**
   * Id of an application credential, which stands for a user and a project: `password` is its secret, and `user` what it is
   * called in errors.
   */
  applicationCredential?: string | undefined;
  /** `Default` where not given. */
  userDomain?: string | undefined;
  project?: string | undefined;
  /** `Default` where not given. */
  projectDomain?: string | undefined;
  /** A token for the system as a whole; wins over `project`. */
  system?: boolean | undefined;
}

export interface Token {
  /** The value of X-Auth-Token. */
  id: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  userId: string;
  projectId: string | undefined;
  catalogue: CatalogueService[];
}

interface TokenBody {
  token: {
    expires_at: string;
    user: { id: string };
    project?: { id: string };
    catalog?: {
      type: string;
      name: string;
      endpoints: { interface: Interface; region: string; url: string }[];
    }[];
  };
}

const TIMEOUT_MS = 30_000;
const RETRY_MS = 20_000;

/** Authentication of the Identity API v3, by password or application credential. Throws ApiError or `openstack.unreachable`. */
export async function requestToken(options: {
  authUrl: string;
  credentials: Credentials;
  connections: Agent;
  clock: Clock;
  signal: AbortSignal;
}): Promise<Token> {
  const { credentials } = options;
  const url = `${options.authUrl.replace(/\/+$/, '')}/auth/tokens`;
  const answer = await send(options.connections, options.clock, {
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(
      credentials.applicationCredential === undefined
        ? passwordRequest(credentials)
        : applicationRequest(credentials.applicationCredential, credentials.password),
    ),
    timeoutMs: TIMEOUT_MS,
    retryMs: RETRY_MS,
    signal: options.signal,
  });
  const text = await answer.text();
  if (answer.status >= 400) {
    throw new ApiError({
      service: 'identity',
      request: `logging in as ${credentials.user} at ${url}`,
      status: answer.status,
      text: readErrorText(text, [credentials.password]),
      requestId: answer.headers['x-openstack-request-id'],
    });
  }
  const { token } = JSON.parse(text) as TokenBody;
  return {
    id: answer.headers['x-subject-token'] ?? '',
    expiresAt: Date.parse(token.expires_at),
    userId: token.user.id,
    projectId: token.project?.id,
    catalogue: token.catalog ?? [],
  };
}

function passwordRequest(credentials: Credentials): unknown {
  return {
    auth: {
      identity: {
        methods: ['password'],
        password: {
          user: {
            name: credentials.user,
            password: credentials.password,
            domain: { name: credentials.userDomain ?? 'Default' },
          },
        },
      },
      scope: scopeOf(credentials),
    },
  };
}

/** https://docs.openstack.org/api-ref/identity/v3/#authenticating-with-an-application-credential */
function applicationRequest(id: string, secret: string): unknown {
  return {
    auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
  };
}

function scopeOf(credentials: Credentials): unknown {
  if (credentials.system) return { system: { all: true } };
  // `unscoped` keeps Keystone from choosing the user's default project.
  if (!credentials.project) return 'unscoped';
  return {
    project: { name: credentials.project, domain: { name: credentials.projectDomain ?? 'Default' } },
  };
}
