import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { readMessages } from '../../src/images/engine-stream.ts';
import { projectRoot } from '../../src/root.ts';
import { provideBuilt } from './build.ts';
import type { Progress } from './progress.ts';
import { kubernetesDebian, kubernetesVersion, prefix } from './settings.ts';

const pauseImage = { repo: `${prefix}/pause`, tag: 'latest' };

/** Folder with Kubernetes' programs and the image of its pause program, made of Debian's source package. */
export async function provideKubernetes(docker: Docker, cache: string, progress: Progress): Promise<string> {
  const script = await readFile(join(projectRoot(), 'test/cluster/kubernetes/build'));
  const hash = createHash('sha256').update(`${kubernetesDebian}\n`).update(script).digest('hex').slice(0, 12);
  const recipe = {
    name: `kubernetes-${kubernetesVersion}-${hash}`,
    what: `Kubernetes ${kubernetesVersion} from Debian's source`,
    duration: '20 minutes',
    debian: kubernetesDebian,
    files: [{ path: '/usr/local/bin/build', content: script, mode: 0o755 }],
    command: ['/usr/local/bin/build', kubernetesVersion],
    finish: (folder: string) => exportPauseImage(docker, folder),
  };
  return provideBuilt(docker, cache, recipe, progress);
}

/** Nodes import it themselves: no pod of theirs depends on a registry before its own image. */
async function exportPauseImage(docker: Docker, folder: string): Promise<void> {
  const root = pack();
  root.entry({ name: 'pause', mode: 0o755 }, await readFile(join(folder, 'pause')));
  root.finalize();
  const options = { ...pauseImage, changes: 'ENTRYPOINT ["/pause"]' };
  for await (const message of readMessages(
    await docker.importImage(root as unknown as NodeJS.ReadableStream, options),
  )) {
    if (message.error) throw new Error(message.error);
  }
  const image = docker.getImage(`${pauseImage.repo}:${pauseImage.tag}`);
  try {
    await pipeline(await image.get(), createWriteStream(join(folder, 'pause.tar')));
  } finally {
    await image.remove();
  }
}
