import { shellHealth } from '../../src/model/health.ts';
import { defineService, process } from '../../src/model/service.ts';
import { userOf } from '../../src/model/users.ts';
import type { Process } from '../../src/model/workload.ts';

export default defineService({
  name: 'ovn',
  summary: 'Virtual networks: the northbound and southbound databases, and what translates between them',
  byDefault: true,
  required: true,
  processNames: {
    'ovn-nb': { replicas: false },
    'ovn-sb': { replicas: false },
    'ovn-northd': { replicas: false },
  },
  declare: () => ({}),
  render: () => ({
    processes: [
      database('ovn-nb', 'nb', 6641),
      database('ovn-sb', 'sb', 6642),
      process({
        name: 'ovn-northd',
        service: 'ovn',
        image: 'ovn',
        command: ['/usr/local/bin/start-ovn-northd', 'ovn-nb:6641', 'ovn-sb:6642'],
        user: userOf('openvswitch'),
        tmpfs: ['/tmp', '/run/ovn'],
        health: shellHealth(
          'out=$(ovn-appctl -t /run/ovn/ovn-northd.ctl status 2>&1); ' +
            'case "$out" in *active*) ;; *) echo "ovn-northd: $out"; exit 1;; esac',
        ),
        after: ['process:ovn-nb', 'process:ovn-sb'],
        reaches: ['ovn-nb', 'ovn-sb'],
      }),
    ],
    jobs: [],
    tasks: [],
  }),
});

function database(name: string, which: 'nb' | 'sb', port: number): Process {
  return process({
    name,
    service: 'ovn',
    image: 'ovn',
    command: ['/usr/local/bin/start-ovn-database', which, String(port)],
    user: userOf('openvswitch'),
    volumes: [{ volume: name, path: '/var/lib/ovn' }],
    tmpfs: ['/tmp', '/run/ovn'],
    needs: { reachableFromNode: true },
    ports: [{ name: 'ovsdb', port }],
    health: shellHealth(
      `ovsdb-client -t 5 list-dbs unix:/run/ovn/ovn${which}_db.sock >/dev/null 2>&1 || { echo 'the database does not answer yet'; exit 1; }`,
    ),
  });
}
