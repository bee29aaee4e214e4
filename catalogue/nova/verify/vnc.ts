import { request, WebSocket } from 'undici';
import { GantryError } from '../../../src/errors.ts';
import { withoutQuery } from '../../../src/openstack/http.ts';
import type { Session } from '../../../src/openstack/session.ts';
import { timeLimit } from '../../../src/time-limit.ts';

const TIMEOUT_MS = 15_000;

/** Where noVNC's page connects to, from the address of the page: `path` in its query holds path and token. */
export function socketUrl(pageUrl: string): string {
  const page = new URL(pageUrl);
  const path = page.searchParams.get('path') ?? `?token=${page.searchParams.get('token') ?? ''}`;
  return new URL(path.replace(/^\/?/, '/'), page.origin.replace(/^http/, 'ws')).href;
}

/** Fetches the page of a console; throws where the answer is not 200. */
export async function fetchPage(session: Session, pageUrl: string): Promise<void> {
  const answer = await request(pageUrl, {
    dispatcher: session.connections,
    signal: AbortSignal.any([session.signal, timeLimit(TIMEOUT_MS)]),
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) {
    throw consoleError(`${withoutQuery(pageUrl)} answered ${answer.statusCode}`);
  }
}

/** Connects as noVNC does and returns what the screen's server says first (RFC 6143, 7.1.1): `RFB 003.008`. */
export async function readRfbBanner(session: Session, pageUrl: string): Promise<string> {
  const signal = AbortSignal.any([session.signal, timeLimit(TIMEOUT_MS)]);
  const socket = new WebSocket(socketUrl(pageUrl), {
    protocols: ['binary'],
    dispatcher: session.connections,
  });
  socket.binaryType = 'arraybuffer';
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (reason: string): void => reject(consoleError(reason));
      socket.addEventListener('message', ({ data }) => {
        const text = Buffer.from(data as ArrayBuffer)
          .toString('latin1')
          .trim();
        if (text.startsWith('RFB ')) resolve(text);
        else fail('what answered on the console is not a VNC server');
      });
      socket.addEventListener('error', ({ error }) =>
        fail(String(error?.message ?? 'the connection failed')),
      );
      socket.addEventListener('close', ({ code }) => fail(`the connection was closed with code ${code}`));
      signal.addEventListener('abort', () => fail('the console did not answer in time'), { once: true });
    });
  } finally {
    socket.close();
  }
}

function consoleError(why: string): GantryError {
  return new GantryError({
    code: 'verify.console',
    whose: 'environment',
    message: 'the VNC console cannot be used',
    why,
    next: 'Look at the log of nova-novncproxy.',
  });
}
