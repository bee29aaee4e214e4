import { GantryError, type Whose } from '../errors.ts';

/** An answer of an OpenStack API that says no. Its code is `openstack.<service>.<status>`. */
export class ApiError extends GantryError {
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(details: {
    service: string;
    request: string;
    status: number;
    text: string;
    requestId?: string;
  }) {
    super({
      code: `openstack.${details.service}.${details.status}`,
      whose: whoseStatus(details.status),
      message: `${details.request} answered ${details.status}`,
      why: details.text || undefined,
      next: nextStep(details.service, details.status, details.requestId),
    });
    this.status = details.status;
    this.requestId = details.requestId;
  }
}

/** True where `error` is an API's answer with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: number[]): error is ApiError {
  return error instanceof ApiError && statuses.includes(error.status);
}

const PASSING_CODES = ['openstack.timeout', 'openstack.unreachable'];

/** True where the API was not there, rather than said no. */
export function isPassing(error: unknown): error is GantryError {
  if (error instanceof ApiError) return error.status >= 500;
  return error instanceof GantryError && PASSING_CODES.includes(error.code);
}

function whoseStatus(status: number): Whose {
  if (status >= 500 || status === 429) return 'environment';
  return [401, 403, 409, 413].includes(status) ? 'user' : 'bug';
}

function nextStep(service: string, status: number, requestId: string | undefined): string | undefined {
  if (status === 401) return 'Check user, password and project.';
  if (!requestId) return undefined;
  return `Look for ${requestId} in the log of the ${service} service.`;
}

/** Longest part of an API's own message that is shown, in characters. */
const MESSAGE_LIMIT = 600;

/**
 * The message in an error's body. Keystone, Nova and Neutron wrap it in an object named after the kind of error,
 * Placement sends a list of errors, Glance sends text or HTML. `secrets` are blanked: APIs may quote their input.
 */
export function readErrorText(body: string, secrets: readonly string[] = []): string {
  let text = messageIn(parseJson(body)) ?? stripMarkup(body);
  for (const secret of secrets) {
    if (secret) text = text.replaceAll(secret, '***');
  }
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const own = value as Record<string, unknown>;
  for (const key of ['message', 'detail', 'faultstring', 'title']) {
    if (typeof own[key] === 'string' && own[key]) return own[key];
  }
  for (const inner of Object.values(own)) {
    const found = messageIn(inner);
    if (found) return found;
  }
  return undefined;
}

function stripMarkup(text: string): string {
  return text
    .replace(/<(head|style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
