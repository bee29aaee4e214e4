import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type Docker from 'dockerode';
import { messageOf } from '../errors.ts';
import type { Capability } from '../model/workload.ts';

/** A started container of an image under test, without network, writable root or privileges. */
export interface ProbeContainer {
  /** Runs a command as the container's user; its output includes what it wrote to standard error. */
  run(command: string[], timeoutSeconds: number): Promise<{ code: number; output: string }>;
  remove(): Promise<void>;
}

export interface ProbeOptions {
  /** `uid:gid`. */
  user: string;
  capabilities?: Capability[] | undefined;
}

/** Starts a container that does nothing but wait, with the image's own entry point as first process. */
export async function startProbe(
  docker: Docker,
  image: string,
  options: ProbeOptions,
): Promise<ProbeContainer> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['sleep', '600'],
    User: options.user,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: options.capabilities ?? [],
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: { '/tmp': 'mode=1777' },
    },
  });
  const remove = () => container.remove({ force: true });
  try {
    await container.start();
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return { run: (command, timeoutSeconds) => runIn(container, command, timeoutSeconds), remove };
}

async function runIn(
  container: Docker.Container,
  command: string[],
  timeoutSeconds: number,
): Promise<{ code: number; output: string }> {
  // A terminal joins standard output and error in one stream.
  const exec = await container.exec({
    Cmd: ['timeout', '--kill-after=1', String(timeoutSeconds), ...command],
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const stream = (await exec.start({ Tty: true })) as unknown as Readable;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch (thrown) {
    return { code: -1, output: messageOf(thrown) };
  }
  const { ExitCode } = await exec.inspect();
  const output = stripVTControlCharacters(Buffer.concat(chunks).toString('utf8')).trim();
  return { code: ExitCode ?? -1, output };
}
