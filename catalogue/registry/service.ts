import { httpHealth } from '../../src/model/health.ts';
import { defineService, file, process, type RenderContext } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process, type RenderedFile } from '../../src/model/workload.ts';

const PORT = 4999;
const DATA = '/var/lib/registry';
const configFile = `${CONFIG_DIR}/registry.yml`;

/**
 * A registry inside the cloud, for clusters that have none. Every node takes images from `localhost:4999`, which
 * container runtimes trust without TLS: there a mirror listens that fetches from the one registry and keeps a copy,
 * so that a node that restarts needs nobody.
 */
export default defineService({
  name: 'registry',
  summary: 'A registry of container images inside the cluster, with a copy on every node',
  byDefault: false,
  required: false,
  processNames: { registry: { replicas: false }, 'registry-mirror': { replicas: false } },
  declare: () => ({ secrets: [{ name: 'registry-http', kind: 'hex' }] }),
  render: (context) => ({
    processes: [
      registryProcess('registry', {
        files: [configuration(context, `:${PORT}`)],
        volumes: [{ volume: 'registry', path: DATA }],
        ports: [{ name: 'registry', port: PORT }],
        health: httpHealth(PORT, '/v2/'),
      }),
      registryProcess('registry-mirror', {
        files: [configuration(context, `127.0.0.1:${PORT}`, 'http://registry:4999')],
        volumes: [{ volume: 'registry-mirror', path: DATA, scope: 'node' }],
        needs: { node: 'any', hostNetwork: true },
        health: httpHealth(PORT, '/v2/'),
        after: ['process:registry'],
        reaches: ['registry'],
      }),
    ],
    jobs: [],
    tasks: [],
  }),
});

function registryProcess(name: string, more: Partial<Process> & Pick<Process, 'health'>): Process {
  return process({
    name,
    service: 'registry',
    image: 'registry',
    command: ['docker-registry', 'serve', configFile],
    user: userOf('registry'),
    ...more,
  });
}

/** https://distribution.github.io/distribution/about/configuration/ */
function configuration(context: RenderContext, address: string, origin?: string): RenderedFile {
  const settings = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: DATA },
      cache: { blobdescriptor: 'inmemory' },
      delete: { enabled: true },
    },
    http: { addr: address, secret: context.secret('registry-http') },
    ...(origin ? { proxy: { remoteurl: origin } } : {}),
  };
  // JSON is YAML.
  return file(configFile, `${JSON.stringify(settings, null, 2)}\n`, { gid: users.registry });
}
