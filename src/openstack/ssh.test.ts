import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readSshBanner, sshArguments } from './ssh.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  server = createServer(onConnection);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('readSshBanner', () => {
  it('reads the greeting, also in pieces and after other lines', async () => {
    const port = await listen((socket) => {
      socket.write('Welcome\r\nSSH-2.0-drop');
      setTimeout(() => socket.write('bear\r\n'), 20);
    });
    expect(await readSshBanner('127.0.0.1', { port, timeoutMs: 1000 })).toEqual({
      banner: 'SSH-2.0-dropbear',
    });
  });

  it('says when nobody listens', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    const answer = await readSshBanner('127.0.0.1', { port, timeoutMs: 1000 });
    expect(answer).toEqual({ problem: `connect ECONNREFUSED 127.0.0.1:${port}` });
  });

  it('does not wait for a server that says nothing', async () => {
    const port = await listen((socket) => setTimeout(() => socket.destroy(), 300));
    const answer = await readSshBanner('127.0.0.1', { port, timeoutMs: 50 });
    expect(answer).toEqual({ problem: '127.0.0.1 does not answer' });
  });
});

describe('sshArguments', () => {
  it('asks nothing and ends with the destination', () => {
    const words = sshArguments({ user: 'gantry', address: '10.0.0.1', keyFile: '/k' });
    expect(words).toContain('BatchMode=yes');
    expect(words.slice(-3)).toEqual(['-i', '/k', 'gantry@10.0.0.1']);
  });
});
