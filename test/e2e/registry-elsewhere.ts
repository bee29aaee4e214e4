import type Docker from 'dockerode';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import type { Gantry } from './gantry.ts';

/** Of this machine's loopback, where the Docker Engine trusts whoever answers. */
const address = '127.0.0.1:4997';

export interface RegistryElsewhere {
  /** HOST:PORT, without TLS. */
  address: string;
  remove(): Promise<void>;
}

/** Starts a registry beside the cloud as docs/registry.md says, on the machine's network: clouds in test are on its loopback. */
export async function startRegistryElsewhere(
  docker: Docker,
  { image, gantry }: { image: string; gantry: Gantry },
): Promise<RegistryElsewhere> {
  const volume = await docker.createVolume({ Name: `${gantry.name}-elsewhere` });
  const container = await docker.createContainer({
    name: volume.name,
    Image: image,
    User: `${users.registry}:${users.registry}`,
    Env: [`SSL_CERT_FILE=${CONFIG_DIR}/trusted.pem`, `REGISTRY_HTTP_ADDR=${address}`],
    Cmd: ['docker-registry', 'serve', `${CONFIG_DIR}/registry.yml`],
    HostConfig: {
      NetworkMode: 'host',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Mounts: [{ Type: 'volume', Source: volume.name, Target: CONFIG_DIR }],
    },
  });
  const settings = await gantry.output('registry', 'settings');
  await container.putArchive(Buffer.from(settings), { path: CONFIG_DIR });
  await container.start();
  return {
    address,
    remove: async () => {
      await container.remove({ force: true, v: true });
      await docker.getVolume(volume.name).remove();
    },
  };
}
