import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';

const run = promisify(execFile);

/**
 * Imports an image that holds nothing but Debian's static busybox and tini, in a second: what an engine does
 * with containers does not depend on what is in them.
 */
export async function importTinyImage(docker: Docker, reference: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-tiny-image-'));
  try {
    await run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', 'busybox-static', 'tini'], {
      cwd: directory,
    });
    for (const name of await readdir(directory)) {
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, 'unpacked'], { cwd: directory });
    }
    const root = join(directory, 'root');
    const unpacked = join(directory, 'unpacked');
    for (const path of ['bin', 'etc', 'tmp', 'run', 'usr/bin']) {
      await mkdir(join(root, path), { recursive: true });
    }
    await copyFile(join(unpacked, 'bin/busybox'), join(root, 'bin/busybox')).catch(() =>
      copyFile(join(unpacked, 'usr/bin/busybox'), join(root, 'bin/busybox')),
    );
    await copyFile(join(unpacked, 'usr/bin/tini-static'), join(root, 'usr/bin/tini'));
    const { stdout: applets } = await run(join(root, 'bin/busybox'), ['--list']);
    for (const applet of applets.split('\n')) {
      if (applet && applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
    }
    const archive = spawn('tar', ['-C', root, '--owner=0', '--group=0', '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [, repo = reference, tag = 'latest'] = /^(.*):([^:/]*)$/.exec(reference) ?? [];
    const progress = await docker.importImage(archive.stdout, {
      repo,
      tag,
      changes: 'ENTRYPOINT ["/usr/bin/tini","--"]',
    });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}
