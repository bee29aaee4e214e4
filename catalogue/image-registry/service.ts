import type { RenderContext } from '../../src/model/context.ts';
import { httpHealth, shellHealth } from '../../src/model/health.ts';
import { builtinRegistry } from '../../src/model/image-registry.ts';
import { jsonFile, process } from '../../src/model/make.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process, type RenderedFile } from '../../src/model/workload.ts';

const { port: PORT } = builtinRegistry;
/** Where images are put in: on loopback of the one registry. */
const PUSH_PORT = 4998;
const DATA = '/var/lib/registry';
/** For the images of some versions, in GiB: those of one take about 1. */
const SIZE = 20;
const configFile = `${CONFIG_DIR}/registry.yml`;
const pushConfigFile = `${CONFIG_DIR}/registry-push.yml`;

/**
 * A registry inside the cloud, for clusters that have none. Every node takes images from `localhost:4999`, which
 * container runtimes trust without TLS: there a mirror listens that fetches from the one registry and keeps a copy,
 * so that a node that restarts needs nobody.
 *
 * The registry knows no accounts, and every pod of the cluster may be able to connect to it. So the port that is open
 * is read-only; a second server on loopback takes images, and is reached by those whom the API server lets connect to
 * the pod.
 */
export default defineService({
  name: 'image-registry',
  summary: 'A registry of container images inside the cluster, with a copy on every node',
  byDefault: false,
  required: false,
  imageRegistry: { process: 'registry', pushPort: PUSH_PORT, mirror: 'registry-mirror' },
  processNames: { registry: { replicas: false }, 'registry-mirror': { replicas: false } },
  dataVolumes: ['registry'],
  declare: () => ({ secrets: [{ name: 'registry-http', kind: 'hex' }] }),
  render: (context) => ({
    processes: [
      registryProcess('registry', {
        // One that ends takes the other with it: the container is started again.
        command: [
          'bash',
          '-c',
          `docker-registry serve ${pushConfigFile} & docker-registry serve ${configFile} & wait -n; exit 1`,
        ],
        files: [
          configuration(context, configFile, `:${PORT}`, { readOnly: true }),
          configuration(context, pushConfigFile, `127.0.0.1:${PUSH_PORT}`, {}),
        ],
        volumes: [{ volume: 'registry', path: DATA, sizeGiB: SIZE }],
        ports: [{ name: 'registry', port: PORT }],
        health: shellHealth(
          [PORT, PUSH_PORT].map((port) => `(${httpHealth(port, '/v2/').command[2]}) || exit 1`).join('\n'),
        ),
      }),
      registryProcess('registry-mirror', {
        command: ['docker-registry', 'serve', configFile],
        files: [
          configuration(context, configFile, `127.0.0.1:${PORT}`, { origin: `http://registry:${PORT}` }),
        ],
        volumes: [{ volume: 'registry-mirror', path: DATA, scope: 'node' }],
        on: nodeRoles,
        spread: 'perNode',
        needs: { hostNetwork: true },
        health: httpHealth(PORT, '/v2/'),
        after: ['process:registry'],
        reaches: ['registry'],
      }),
    ],
    jobs: [],
    tasks: [],
  }),
});

function registryProcess(
  name: string,
  more: Partial<Process> & Pick<Process, 'command' | 'health'>,
): Process {
  return process({ name, service: 'image-registry', image: 'registry', user: userOf('registry'), ...more });
}

/** https://distribution.github.io/distribution/about/configuration/ */
function configuration(
  context: RenderContext,
  path: string,
  address: string,
  { readOnly = false, origin }: { readOnly?: boolean; origin?: string },
): RenderedFile {
  const settings = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: DATA },
      cache: { blobdescriptor: 'inmemory' },
      delete: { enabled: true },
      ...(readOnly ? { maintenance: { readonly: { enabled: true } } } : {}),
    },
    http: { addr: address, relativeurls: true, secret: context.secret('registry-http') },
    ...(origin ? { proxy: { remoteurl: origin } } : {}),
  };
  return jsonFile(path, settings, { gid: users.registry });
}
