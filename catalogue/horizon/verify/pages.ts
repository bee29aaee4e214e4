import { request } from 'undici';
import { GantryError } from '../../../src/errors.ts';
import { withoutQuery } from '../../../src/openstack/http.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { timeLimit } from '../../../src/time-limit.ts';

const TIMEOUT_MS = 30_000;
const MOST_REDIRECTS = 5;

export interface Page {
  url: string;
  html: string;
}

/** Pages as a browser gets them, which keeps cookies and goes where it is sent. */
export class Pages {
  readonly #cookies = new Map<string, string>();

  constructor(
    private readonly session: Pick<Session, 'connections' | 'signal'>,
    /** Where the dashboard is; it must send nobody elsewhere. */
    private readonly root: string,
  ) {}

  async open(path: string, form?: Record<string, string>): Promise<Page> {
    let url = new URL(path, this.root);
    let body = form && new URLSearchParams(form).toString();
    for (let count = 0; count <= MOST_REDIRECTS; count++) {
      const answer = await request(url, {
        method: body === undefined ? 'GET' : 'POST',
        dispatcher: this.session.connections,
        signal: AbortSignal.any([this.session.signal, timeLimit(TIMEOUT_MS)]),
        headers: {
          cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin }),
        },
        ...(body === undefined ? {} : { body }),
      });
      const html = await answer.body.text();
      this.#keep(answer.headers['set-cookie'] ?? []);
      const { statusCode: status } = answer;
      if (status === 200) return { url: url.href, html };
      if (status !== 302) throw pageError(`${withoutQuery(url.href)} answered ${status}`);
      url = new URL(String(answer.headers.location), url);
      if (url.origin !== new URL(this.root).origin) throw pageError(`it sends browsers to ${url.origin}`);
      body = undefined;
    }
    throw pageError(`${withoutQuery(url.href)} sends browsers around in a circle`);
  }

  #keep(given: string | string[]): void {
    for (const cookie of [given].flat()) {
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(cookie) ?? [];
      if (/;\s*max-age=0/i.test(cookie)) {
        this.#cookies.delete(name);
        continue;
      }
      if (!/;\s*secure/i.test(cookie) && /session|csrf/.test(name)) {
        throw pageError(`the cookie ${name} may be sent without TLS`);
      }
      this.#cookies.set(name, value);
    }
  }
}

export function pageError(why: string): GantryError {
  return new GantryError({
    code: 'verify.dashboard',
    whose: 'environment',
    message: 'the dashboard cannot be used',
    why,
    next: 'Look at `gantry logs horizon`.',
  });
}
