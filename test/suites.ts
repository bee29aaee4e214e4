/**
 * The suites of this repository: what each runs, what of the project it is about, and what it needs. `test/run` takes
 * them in this order, the fast ones first. Where each promise is kept is said in the files themselves.
 */

/** Needs that `test/run` provides before the first suite that has them, and takes away after the last where they cost. */
export type Need =
  /** A terminal that a program can read. */
  | 'tmux'
  /** boto3 and python-swiftclient, as Debian has them. */
  | 'object clients'
  /** Chromium, as Debian has it. */
  | 'browser'
  /** A Docker Engine on this machine. */
  | 'docker'
  /** All images of the catalogue, built. */
  | 'images'
  /** The programs of Kubernetes, built; the suite makes a cluster of them itself. */
  | 'kubernetes'
  /** The cluster that KUBECONFIG names, or the test cluster: one for all suites of a run. */
  | 'cluster';

export type When =
  /** In every run that is not of suites by name. */
  | 'always'
  /** When something of its inputs changed, or nobody knows what did. */
  | 'touched'
  /** When it is asked for by its name, or all are. */
  | 'on demand';

export interface Suite {
  name: string;
  /** Vitest's project and files; or a command that is one test. Paths are relative to the root. */
  runs: { project: 'unit' | 'e2e'; files: readonly string[] } | { command: readonly string[] };
  /**
   * Globs, relative to the root, of what it is about. Its own files, and what of `test/` these import, need not be said.
   * Unit tests are inputs of nothing but the suite `unit`.
   */
  inputs: readonly string[];
  /** Globs of what it is not about among these: each has a suite of its own. */
  except?: readonly string[];
  /** How long it takes on two cores, without its needs. */
  minutes: number;
  when: When;
  needs: readonly Need[];
}

const tests = (...names: string[]) => ({
  project: 'e2e' as const,
  files: names.map((name) => `test/${name}.test.ts`),
});

/** What an engine is given, and what it is driven by. */
const core = ['src/engine/**', 'src/model/**', 'src/plan/**', 'src/run/**'];

export const suites: readonly Suite[] = [
  {
    name: 'types',
    runs: { command: ['node_modules/.bin/tsc', '--noEmit'] },
    inputs: [],
    minutes: 0.2,
    when: 'always',
    needs: [],
  },
  {
    name: 'lint',
    runs: { command: ['node_modules/.bin/biome', 'check', '.'] },
    inputs: [],
    minutes: 0.1,
    when: 'always',
    needs: [],
  },
  {
    name: 'unit',
    runs: { project: 'unit', files: [] },
    inputs: [],
    minutes: 1,
    when: 'always',
    needs: [],
  },
  {
    name: 'command-line',
    runs: tests('cli/output', 'cli/reading', 'cli/render', 'cli/terminal'),
    inputs: ['src/**'],
    minutes: 2,
    when: 'touched',
    needs: ['tmux', 'docker'],
  },
  {
    name: 'docker-engine',
    runs: tests(
      'e2e/docker-engine',
      'e2e/docker-engine-given',
      'e2e/docker-engine-jobs',
      'e2e/docker-engine-reach',
      'e2e/embedding',
    ),
    inputs: ['engines/docker/**', 'examples/*', 'src/cloud/**', 'test/embedded/**', ...core],
    minutes: 2,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'front-door',
    runs: tests('e2e/front-door'),
    inputs: ['catalogue/haproxy/**'],
    minutes: 0.2,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'image-builder',
    runs: tests('e2e/images'),
    inputs: ['src/images/**', 'catalogue/base/**'],
    minutes: 3,
    when: 'touched',
    needs: ['docker', 'images'],
  },
  {
    name: 'image-promises',
    runs: { command: ['./gantry', '--progress', 'plain', 'images', 'test'] },
    inputs: ['src/images/**', 'catalogue/*/images/**'],
    minutes: 2,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'guests',
    runs: tests('e2e/accelerator', 'e2e/guest', 'e2e/node-names'),
    inputs: [
      'catalogue/{client,guest,libvirt,neutron,nova,openvswitch}/images/**',
      'engines/docker/**checks.ts',
    ],
    minutes: 5,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'clustering',
    runs: tests('e2e/clustering', 'e2e/mariadb-tables'),
    inputs: ['catalogue/{mariadb,ovn,rabbitmq}/**'],
    minutes: 4,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'schemas',
    runs: tests('e2e/schemas'),
    inputs: [
      'catalogue/*/images/**',
      'catalogue/*/service.ts',
      'catalogue/common/**',
      'engines/docker/job.ts',
      'src/engine/kept-schemas.ts',
    ],
    minutes: 1.5,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'swift',
    runs: tests('e2e/swift', 'e2e/swift-rings'),
    inputs: ['catalogue/glance/stores.ts', 'catalogue/swift/**', 'src/resolve/devices.ts'],
    minutes: 5,
    when: 'touched',
    needs: ['object clients', 'images'],
  },
  {
    name: 'registry',
    runs: tests('e2e/registry'),
    inputs: ['catalogue/registry/**', 'src/cloud/registry.ts'],
    minutes: 3,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'barbican',
    runs: tests('e2e/barbican'),
    inputs: ['catalogue/barbican/**', 'src/cloud/rotate-secret.ts'],
    minutes: 3.5,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'heat',
    runs: tests('e2e/heat'),
    inputs: [
      'catalogue/{events,heat,horizon,metrics}/**',
      'catalogue/*/events.ts',
      'catalogue/common/audit.ts',
      'examples/heat/scaling.yaml',
      'examples/grafana/**',
      'src/{cli/commands,cloud}/{events,metrics}.ts',
      'src/cloud/{audit-words,identity-names,scrape-config}.ts',
    ],
    minutes: 5,
    when: 'touched',
    needs: ['browser', 'images'],
  },
  {
    name: 'telemetry',
    runs: tests('e2e/telemetry'),
    inputs: ['catalogue/telemetry/**', 'src/openstack/telemetry.ts'],
    minutes: 4,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'ceph',
    runs: tests('e2e/ceph'),
    inputs: [
      'catalogue/ceph/**',
      'catalogue/nova/settings.ts',
      'engines/docker/usage.ts',
      'src/cloud/resources.ts',
      'src/resolve/{cpu-sets,devices,limits}.ts',
    ],
    minutes: 5,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'rgw',
    runs: tests('e2e/rgw'),
    inputs: [
      'catalogue/ceph/declared-pools.ts',
      'catalogue/common/{file-servers,object-store}.ts',
      'catalogue/common/verify/objects.ts',
      'catalogue/{cephfs,rgw}/**',
    ],
    minutes: 4,
    when: 'touched',
    needs: ['images', 'object clients'],
  },
  {
    name: 'cinder',
    runs: tests('e2e/cinder'),
    inputs: [
      'catalogue/cinder/**',
      'catalogue/common/pool-client.ts',
      'catalogue/libvirt/images/libvirt-rbd/**',
      'src/openstack/block-storage.ts',
    ],
    minutes: 5,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'ironic',
    runs: tests('e2e/ironic'),
    inputs: ['catalogue/ironic/**'],
    minutes: 1.5,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'docker',
    runs: tests('e2e/cloud'),
    inputs: ['src/**', 'catalogue/**', 'engines/docker/**'],
    except: [
      'catalogue/{barbican,ceph,cephfs,cinder,events,heat,horizon,image-registry,ironic,metrics,registry,rgw,swift,telemetry}/**',
      'src/volume-plugin/**',
    ],
    minutes: 21,
    when: 'touched',
    needs: ['images'],
  },
  {
    name: 'test-cluster',
    runs: tests('e2e/cluster'),
    inputs: ['test/cluster/**'],
    minutes: 3.5,
    when: 'on demand',
    needs: ['kubernetes'],
  },
  {
    name: 'kubernetes-manifests',
    runs: tests('e2e/kubernetes-manifests'),
    inputs: ['src/**', 'catalogue/**', 'engines/kubernetes/**'],
    minutes: 0.5,
    when: 'touched',
    needs: ['cluster'],
  },
  {
    name: 'kubernetes-engine',
    runs: tests('e2e/kubernetes-engine', 'e2e/kubernetes-engine-given', 'e2e/kubernetes-engine-limits'),
    inputs: ['engines/kubernetes/**', ...core],
    minutes: 6,
    when: 'touched',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-registry',
    runs: tests('e2e/kubernetes-registry'),
    inputs: [
      'catalogue/{image-registry,registry/images}/**',
      'engines/kubernetes/nodes/{seed,seeds}.ts',
      'engines/kubernetes/observe/registry.ts',
      'engines/kubernetes/plan/{images,planner}.ts',
      'engines/kubernetes/render/seed.ts',
      'engines/kubernetes/steps/publish.ts',
      'src/images/**',
    ],
    minutes: 2.5,
    when: 'touched',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes',
    runs: tests('e2e/kubernetes'),
    inputs: ['engines/kubernetes/**', 'src/cloud/scale.ts'],
    minutes: 17,
    when: 'touched',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-rotation',
    runs: tests('e2e/kubernetes-rotation'),
    inputs: ['src/cloud/rotate*.ts', 'src/resolve/logins.ts', 'src/secrets/**'],
    minutes: 6,
    when: 'on demand',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-nodes',
    runs: tests('e2e/kubernetes-nodes'),
    inputs: [
      'catalogue/{openvswitch,ovn}/service.ts',
      'catalogue/neutron/drivers/**',
      'engines/kubernetes/nodes/**',
      'engines/kubernetes/render/{node-pod,placement}.ts',
      'src/cloud/{drain,nodes}.ts',
      'src/model/node-role.ts',
      'src/nodes/**',
    ],
    minutes: 10,
    when: 'touched',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-nodes-lost',
    runs: tests('e2e/kubernetes-nodes-lost'),
    inputs: ['engines/kubernetes/nodes/**', 'src/cloud/drain.ts', 'src/nodes/**'],
    minutes: 6,
    when: 'on demand',
    needs: ['images', 'cluster'],
  },
  {
    name: 'swift-disks',
    runs: tests('e2e/swift-disks'),
    inputs: ['catalogue/swift/**', 'src/resolve/devices.ts'],
    minutes: 12,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'ceph-servers',
    runs: tests('e2e/ceph-servers'),
    inputs: [
      'catalogue/{ceph,cinder}/**',
      'catalogue/common/pool-client.ts',
      'catalogue/glance/{service,settings,stores}.ts',
      'catalogue/glance/images/glance-rbd/**',
      'catalogue/libvirt/images/libvirt-rbd/**',
      'catalogue/nova/disks.ts',
      'catalogue/nova/images/nova-compute-rbd/**',
    ],
    minutes: 7,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'ceph-keys',
    runs: tests('e2e/ceph-keys'),
    inputs: [
      'catalogue/ceph/{config,declared-pools,operations,service}.ts',
      'catalogue/cinder/images/cinder/bin/renew-connections',
      'catalogue/libvirt/images/libvirt/tell-logins',
      'catalogue/nova/images/nova/volume-record',
      'src/cloud/rotate*.ts',
      'src/resolve/logins.ts',
      'src/secrets/**',
    ],
    minutes: 6,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'ceph-disks',
    runs: tests('e2e/ceph-disks'),
    inputs: ['catalogue/ceph/**', 'engines/docker/block-devices.ts', 'src/resolve/devices.ts'],
    minutes: 4,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'swift-tempest',
    runs: tests('e2e/swift-tempest'),
    inputs: ['catalogue/{swift,tempest}/**', 'src/tempest/**'],
    minutes: 8,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'heat-complete',
    runs: tests('e2e/heat-complete'),
    inputs: ['catalogue/heat/**', 'examples/heat/**'],
    minutes: 6,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'metrics-complete',
    runs: tests('e2e/metrics-complete'),
    inputs: ['catalogue/{events,metrics}/**', 'catalogue/common/audit.ts', 'examples/grafana/**'],
    minutes: 4.5,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'heat-stacks',
    runs: tests('e2e/heat-stacks'),
    inputs: ['catalogue/{guest,heat}/**', 'examples/heat/**'],
    minutes: 10,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'heat-tempest',
    runs: tests('e2e/heat-tempest'),
    inputs: ['catalogue/{heat,telemetry,tempest}/**', 'src/tempest/**'],
    minutes: 12,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'telemetry-complete',
    runs: tests('e2e/telemetry-complete'),
    inputs: ['catalogue/telemetry/**', 'examples/heat/autoscaling.yaml'],
    minutes: 20,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'horizon-complete',
    runs: tests('e2e/horizon-complete'),
    inputs: ['catalogue/horizon/**'],
    minutes: 6,
    when: 'on demand',
    needs: ['browser', 'images'],
  },
  {
    name: 'rgw-complete',
    runs: tests('e2e/rgw-complete'),
    inputs: ['catalogue/{ceph,rgw}/**', 'catalogue/cinder/config.ts'],
    minutes: 5,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'cephfs-complete',
    runs: tests('e2e/cephfs-complete'),
    inputs: ['catalogue/{ceph,cephfs}/**'],
    minutes: 6,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'ironic-complete',
    runs: tests('e2e/ironic-complete'),
    inputs: ['catalogue/ironic/**'],
    minutes: 8,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'barbican-swift',
    runs: tests('e2e/barbican-swift'),
    inputs: ['catalogue/{barbican,swift}/**', 'src/cloud/rotate-secret.ts'],
    minutes: 5,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'cinder-complete',
    runs: tests('e2e/cinder-complete'),
    inputs: ['catalogue/{barbican,cinder,swift}/**'],
    minutes: 5,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'cinder-cut-off',
    runs: tests('e2e/cinder-cut-off'),
    inputs: ['catalogue/cinder/**', 'catalogue/nova/images/nova/volume-record', 'src/volumes/**'],
    minutes: 8,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'cinder-types',
    runs: tests('e2e/cinder-types'),
    inputs: ['catalogue/{ceph,cinder}/**', 'src/openstack/block-storage.ts'],
    minutes: 7,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'volume-plugin',
    runs: tests('e2e/volume-plugin'),
    inputs: ['catalogue/guest/images/docker-server/**', 'src/volume-plugin/**'],
    minutes: 11,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'cinder-tempest',
    runs: tests('e2e/cinder-tempest'),
    inputs: ['catalogue/{barbican,cinder,tempest}/**', 'src/tempest/**'],
    minutes: 20,
    when: 'on demand',
    needs: ['images'],
  },
  {
    name: 'kubernetes-swift',
    runs: tests('e2e/kubernetes-swift'),
    inputs: [
      'catalogue/{registry,swift}/**',
      'engines/kubernetes/preflight/pull-secrets.ts',
      'engines/kubernetes/render/placement.ts',
      'src/images/{published,push,trust}.ts',
      'src/resolve/devices.ts',
    ],
    minutes: 8,
    when: 'on demand',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-ceph',
    runs: tests('e2e/kubernetes-ceph'),
    inputs: [
      'catalogue/{ceph,cinder}/**',
      'catalogue/libvirt/images/libvirt-rbd/**',
      'engines/kubernetes/render/{placement,services}.ts',
    ],
    minutes: 8,
    when: 'on demand',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-ceph-monitors',
    runs: tests('e2e/kubernetes-ceph-monitors'),
    inputs: [
      'catalogue/ceph/**',
      'catalogue/common/monitor-patience.ts',
      'engines/kubernetes/render/services.ts',
      'engines/kubernetes/steps/shrink.ts',
    ],
    minutes: 10,
    when: 'on demand',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-heat',
    runs: tests('e2e/kubernetes-heat'),
    inputs: ['catalogue/{events,heat,horizon,metrics,telemetry}/**', 'engines/kubernetes/render/services.ts'],
    minutes: 8,
    when: 'on demand',
    needs: ['browser', 'images', 'cluster'],
  },
  {
    name: 'kubernetes-availability',
    runs: tests('e2e/kubernetes-availability'),
    inputs: ['engines/kubernetes/**', 'catalogue/{haproxy,mariadb,memcached,ovn,rabbitmq}/**'],
    minutes: 15,
    when: 'on demand',
    needs: ['images', 'cluster'],
  },
  {
    name: 'kubernetes-types',
    runs: tests('e2e/kubernetes-types'),
    inputs: ['engines/kubernetes/**', 'catalogue/**'],
    minutes: 2,
    when: 'on demand',
    needs: ['docker'],
  },
];
