import type { RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { ovsdbNames } from '../common/ovsdb.ts';

export default defineService({
  name: 'ovn',
  summary: 'Virtual networks: the northbound and southbound databases, and what translates between them',
  byDefault: true,
  required: true,
  ofNetworkDriver: 'ovn',
  processNames: {
    'ovn-nb': { replicas: true, cluster: 'majority' },
    'ovn-sb': { replicas: true, cluster: 'majority' },
    'ovn-northd': { replicas: true },
  },
  dataVolumes: ['ovn-nb', 'ovn-sb'],
  declare: () => ({}),
  render: (context) => ({
    processes: [
      database(context, 'ovn-nb', 'nb', 6641),
      database(context, 'ovn-sb', 'sb', 6642),
      process({
        name: 'ovn-northd',
        service: 'ovn',
        image: 'ovn',
        command: [
          '/usr/local/bin/start-ovn-northd',
          context
            .hosts('ovn-nb')
            .map((host) => `${host}:6641`)
            .join(),
          context
            .hosts('ovn-sb')
            .map((host) => `${host}:6642`)
            .join(),
        ],
        user: userOf('openvswitch'),
        files: [ovsdbNames(context.hosts('ovn-sb').length, users.openvswitch)],
        // A lock in the southbound database lets one of them work; the others stand by.
        replicas: context.replicas('ovn-northd'),
        tmpfs: ['/tmp', '/run/ovn'],
        health: shellHealth(
          'out=$(ovn-appctl -t /run/ovn/ovn-northd.ctl status 2>&1); ' +
            'case "$out" in *active* | *standby*) ;; *) echo "ovn-northd: $out"; exit 1;; esac',
        ),
        after: ['process:ovn-nb', 'process:ovn-sb'],
        reaches: ['ovn-nb', 'ovn-sb'],
      }),
    ],
    jobs: [],
    tasks: [],
  }),
});

function database(context: RenderContext, name: string, which: 'nb' | 'sb', port: number): Process {
  return process({
    name,
    service: 'ovn',
    image: 'ovn',
    command: ['/usr/local/bin/start-ovn-database', which, String(port)],
    user: userOf('openvswitch'),
    files: [
      file(`${CONFIG_DIR}/peers`, `${context.instances(name).join('\n')}\n`, {
        gid: users.openvswitch,
        secret: false,
      }),
      // Each of the others is asked by a connection of its own.
      ovsdbNames(1, users.openvswitch),
    ],
    volumes: [{ volume: name, path: '/var/lib/ovn' }],
    replicas: context.replicas(name),
    tmpfs: ['/tmp', '/run/ovn'],
    needs: { reachableFromNode: true },
    ports: [{ name: 'ovsdb', port }],
    health: shellHealth(`/usr/local/bin/check-ovn-database ${which}`),
  });
}
