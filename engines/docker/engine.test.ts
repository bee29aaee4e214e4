import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsAddress } from '../../src/model/cidr.ts';
import type { Process } from '../../src/model/workload.ts';
import { identityOf } from '../../src/plan/identity.ts';
import { allocateAddresses, dynamicRange } from './addresses.ts';
import { negotiate } from './client.ts';
import { demultiplex } from './demultiplex.ts';
import { renderNetwork } from './networks.ts';
import { resourcesOf } from './observe.ts';
import { isShared } from './propagation.ts';
import { type RenderInput, renderContainer } from './render.ts';

const process: Process = {
  kind: 'process',
  name: 'nova-api',
  service: 'nova',
  image: 'nova',
  command: ['uwsgi', '--ini', '/etc/gantry/nova/uwsgi.ini'],
  user: '913:913',
  files: [
    {
      path: '/etc/gantry/nova/nova.conf',
      content: 'password = hunter2\n',
      mode: 0o440,
      uid: 913,
      gid: 913,
      secret: true,
      reloadable: false,
    },
  ],
  volumes: [{ volume: 'nova', path: '/var/lib/nova' }],
  hostMounts: [{ hostPath: '/run/netns', path: '/run/netns', propagation: 'shared' }],
  tmpfs: ['/run/nova', '/tmp'],
  readOnlyRoot: true,
  needs: {},
  on: ['control'],
  spread: 'replicas',
  after: [],
  reaches: [],
  resources: { memoryMiB: 512, cpus: 1.5 },
  replicas: 1,
  update: 'rolling',
  ports: [{ name: 'api', port: 8774, publicPort: 18774 }],
  health: { command: ['check'], intervalSeconds: 10, timeoutSeconds: 5, startSeconds: 60, retries: 3 },
  stop: { signal: 'SIGTERM', graceSeconds: 15 },
  aliases: ['compute'],
};

function render(workload: Process, more: Partial<RenderInput> = {}) {
  return renderContainer({
    desired: {
      cloud: 'demo',
      networks: [{ name: 'internal', role: 'internal', subnet: '10.29.28.0/24', gateway: '10.29.28.1' }],
      processes: [workload],
      publicAddress: '127.0.0.1',
    },
    workload,
    ordinal: 0,
    identity: identityOf(workload, 'gantry/nova:1'),
    imageReference: 'gantry/nova:1',
    addresses: {},
    node: { devices: new Set(), apiVersion: '1.41' },
    ...more,
  });
}

describe('a container', () => {
  test('is made with exactly what its workload asks for', () => {
    const { Labels: labels, name, ...options } = render(process);
    expect(name).toMatch(/^demo-nova-api-0-[0-9a-f]{7}$/);
    expect(labels).toMatchObject({ 'org.gantry.cloud': 'demo', 'org.gantry.process': 'nova-api' });
    expect(options).toMatchInlineSnapshot(`
      {
        "Cmd": [
          "uwsgi",
          "--ini",
          "/etc/gantry/nova/uwsgi.ini",
        ],
        "ExposedPorts": {
          "8774/tcp": {},
        },
        "Healthcheck": {
          "Interval": 10000000000,
          "Retries": 3,
          "StartPeriod": 60000000000,
          "Test": [
            "CMD",
            "check",
          ],
          "Timeout": 5000000000,
        },
        "HostConfig": {
          "Binds": [
            "/run/netns:/run/netns:rw,rshared",
          ],
          "CapAdd": [],
          "CapDrop": [
            "ALL",
          ],
          "Devices": [],
          "ExtraHosts": [],
          "LogConfig": {
            "Config": {
              "max-file": "3",
              "max-size": "10m",
            },
            "Type": "json-file",
          },
          "Memory": 536870912,
          "Mounts": [
            {
              "ReadOnly": false,
              "Source": "",
              "Target": "/etc/gantry",
              "Type": "volume",
            },
            {
              "ReadOnly": false,
              "Source": "demo-nova",
              "Target": "/var/lib/nova",
              "Type": "volume",
            },
          ],
          "NanoCpus": 1500000000,
          "NetworkMode": "demo-internal",
          "PortBindings": {
            "8774/tcp": [
              {
                "HostIp": "127.0.0.1",
                "HostPort": "18774",
              },
            ],
          },
          "ReadonlyRootfs": true,
          "RestartPolicy": {
            "Name": "unless-stopped",
          },
          "SecurityOpt": [
            "no-new-privileges",
          ],
          "Tmpfs": {
            "/run/nova": "uid=913,gid=913,mode=0755",
            "/tmp": "uid=913,gid=913,mode=1777",
          },
        },
        "Hostname": "nova-api",
        "Image": "gantry/nova:1",
        "NetworkingConfig": {
          "EndpointsConfig": {
            "demo-internal": {
              "Aliases": [
                "nova-api",
                "nova-api-0",
                "compute",
              ],
            },
          },
        },
        "StopSignal": "SIGTERM",
        "StopTimeout": 15,
        "User": "913:913",
      }
    `);
  });

  test('publishes each port in its own protocol', () => {
    const ports: Process['ports'] = [
      { name: 'dns-tcp', port: 5354, publicPort: 53 },
      { name: 'dns', port: 5354, protocol: 'udp', publicPort: 53 },
    ];
    const options = render({ ...process, ports });
    const at = [{ HostIp: '127.0.0.1', HostPort: '53' }];
    expect(options.ExposedPorts).toEqual({ '5354/tcp': {}, '5354/udp': {} });
    expect(options.HostConfig.PortBindings).toEqual({ '5354/tcp': at, '5354/udp': at });
  });

  test('has no secret in any of its options', () => {
    expect(JSON.stringify(render(process))).not.toContain('hunter2');
  });

  test('has no capability beyond those named, and gains none', () => {
    const { HostConfig: host } = render({ ...process, needs: { capabilities: ['NET_RAW', 'NET_ADMIN'] } });
    expect(host).toMatchObject({
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN', 'NET_RAW'],
      SecurityOpt: ['no-new-privileges'],
    });
    expect(host.Privileged).toBeUndefined();
    expect(host.ReadonlyPaths).toBeUndefined();
    expect(render({ ...process, needs: { setuid: true } }).HostConfig.SecurityOpt).toEqual([]);
  });

  test('may mount and set sysctls where it makes network namespaces', () => {
    const { HostConfig: host } = render({ ...process, needs: { capabilities: ['SYS_ADMIN', 'NET_ADMIN'] } });
    expect(host.SecurityOpt).toEqual(['no-new-privileges', 'apparmor=unconfined']);
    expect(host.ReadonlyPaths).not.toContain('/proc/sys');
    expect(host.ReadonlyPaths).toContain('/proc/sysrq-trigger');
  });

  test('of guests sees the node, its cgroups and only devices that are there or required', () => {
    const needs: Process['needs'] = {
      hostNetwork: true,
      hostPid: true,
      hostCgroup: true,
      devices: [
        { device: 'tun' },
        { device: 'kvm', optional: true },
        { device: 'vhost-net', optional: true },
      ],
    };
    const options = render(
      { ...process, needs },
      { node: { devices: new Set(['/dev/kvm']), apiVersion: '1.41' } },
    );
    expect(options.Hostname).toBeUndefined();
    expect(options.NetworkingConfig).toBeUndefined();
    expect(options.HostConfig).toMatchObject({
      NetworkMode: 'host',
      PidMode: 'host',
      CgroupnsMode: 'host',
    });
    expect(options.HostConfig.PortBindings).toBeUndefined();
    expect(options.HostConfig.Binds).toContain('/sys/fs/cgroup:/sys/fs/cgroup:rw');
    const devices = options.HostConfig.Devices as { PathOnHost: string }[];
    expect(devices.map((device) => device.PathOnHost)).toEqual(['/dev/net/tun', '/dev/kvm']);
  });

  test('has its block devices where it wants them, optional ones where they are there', () => {
    const devices = [
      { block: '/dev/disk/by-id/wwn-1', path: '/dev/telescope' },
      { block: '/dev/disk/by-id/wwn-2', optional: true },
      { block: '/dev/disk/by-id/wwn-3', optional: true },
    ];
    const node = { devices: new Set(['/dev/disk/by-id/wwn-3']), apiVersion: '1.41' };
    const { HostConfig: host } = render({ ...process, needs: { devices } }, { node });
    expect(host.Devices).toEqual([
      {
        PathOnHost: '/dev/disk/by-id/wwn-1',
        PathInContainer: '/dev/telescope',
        CgroupPermissions: 'rwm',
      },
      {
        PathOnHost: '/dev/disk/by-id/wwn-3',
        PathInContainer: '/dev/disk/by-id/wwn-3',
        CgroupPermissions: 'rwm',
      },
    ]);
  });

  test('is one of the groups that its block devices belong to, but for root', () => {
    const devices = [{ block: '/dev/sda' }, { block: '/dev/sdb' }, { block: '/dev/sdc' }];
    const node = {
      devices: new Set<string>(),
      deviceGroups: new Map(Object.entries({ '/dev/sda': 6, '/dev/sdb': 6, '/dev/sdc': 0, '/dev/sdd': 7 })),
      apiVersion: '1.41',
    };
    expect(render({ ...process, needs: { devices } }, { node }).HostConfig.GroupAdd).toEqual(['6']);
    expect(render(process, { node }).HostConfig).not.toHaveProperty('GroupAdd');
  });

  test('is kept on the CPUs and NUMA nodes that it is given, which tell back what it has', () => {
    const resources = { memoryMiB: 512, cpus: 1.5, cpuset: '0-3,8', numaNodes: '0' };
    const { HostConfig: host } = render({ ...process, resources });
    expect(host).toMatchObject({ CpusetCpus: '0-3,8', CpusetMems: '0' });
    expect(resourcesOf(host)).toEqual(resources);
    expect(render(process).HostConfig).not.toHaveProperty('CpusetCpus');
    expect(resourcesOf(render({ ...process, resources: {} }).HostConfig)).toEqual({});
  });

  test('on the node knows the addresses of what it must reach', () => {
    const agent: Process = { ...process, name: 'agent', aliases: [], needs: { hostNetwork: true } };
    const broker: Process = {
      ...process,
      name: 'rabbitmq',
      aliases: ['broker'],
      update: 'recreate',
      needs: { reachableFromNode: true },
    };
    const desired = {
      cloud: 'demo',
      networks: [
        { name: 'internal', role: 'internal' as const, subnet: '10.29.28.0/24', gateway: '10.29.28.1' },
      ],
      processes: [agent, broker],
      publicAddress: '127.0.0.1',
    };
    const addresses = { rabbitmq: '10.29.28.9' };
    expect(render(agent, { desired, addresses }).HostConfig.ExtraHosts).toEqual([
      'broker:10.29.28.9',
      'rabbitmq:10.29.28.9',
    ]);
    const options = render(broker, { desired, addresses });
    expect(options.NetworkingConfig?.EndpointsConfig?.['demo-internal']).toEqual({
      Aliases: ['rabbitmq', 'rabbitmq-0', 'broker'],
      IPAMConfig: { IPv4Address: '10.29.28.9' },
    });
    expect(options.HostConfig.ExtraHosts).toEqual(['agent:10.29.28.1']);
  });

  test('with a fixed address cannot be replaced side by side', () => {
    for (const needs of [{ reachableFromNode: true }, { keepsAddress: true }]) {
      expect(() => render({ ...process, needs })).toThrow(/updated by recreate/);
    }
  });

  test('is probed often while it starts, where the engine knows how', () => {
    const node = { devices: new Set<string>(), apiVersion: '1.44' };
    const asked = { ...process, health: { ...process.health, intervalSeconds: 30 } };
    expect(render(asked, { node }).Healthcheck).toMatchObject({
      Interval: 30_000_000_000,
      StartInterval: 2_000_000_000,
    });
    expect(render(asked).Healthcheck).toMatchObject({ Interval: 10_000_000_000 });
    expect(render(asked).Healthcheck).not.toHaveProperty('StartInterval');
  });
});

describe('fixed addresses', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z-]{0,15}$/), { maxLength: 60 });

  test('are distinct, in the lower half, and follow from the names alone', () => {
    fc.assert(
      fc.property(names, (some) => {
        const allocated = allocateAddresses('10.29.28.0/24', some);
        const addresses = Object.values(allocated);
        expect(new Set(addresses).size).toBe(some.length);
        for (const address of addresses) {
          expect(containsAddress('10.29.28.0/25', address)).toBe(true);
          expect(address).not.toBe('10.29.28.1');
        }
        expect(allocateAddresses('10.29.28.0/24', [...some].reverse())).toEqual(allocated);
      }),
    );
  });

  test('stay when further processes come', () => {
    fc.assert(
      fc.property(names, names, (some, more) => {
        const before = allocateAddresses('10.29.28.0/24', some);
        expect(allocateAddresses('10.29.28.0/24', [...some, ...more], before)).toMatchObject(before);
      }),
    );
  });

  test('end where the network is too small, with what to do', () => {
    const many = Array.from({ length: 15 }, (_, index) => `process-${index}`);
    expect(() => allocateAddresses('10.0.0.0/28', many)).toThrow(/no fixed address left/);
  });

  test('are kept apart from those that the engine hands out', () => {
    expect(dynamicRange('10.29.28.0/24')).toBe('10.29.28.128/25');
    expect(dynamicRange('172.20.0.0/16')).toBe('172.20.128.0/17');
  });
});

test('the external network is a bridge with a name that the kernel takes', () => {
  const network = {
    name: 'external',
    role: 'external',
    subnet: '10.29.29.0/24',
    gateway: '10.29.29.1',
  } as const;
  const { Options: options, IPAM: ipam } = renderNetwork('a-rather-long-name', network);
  expect(options).toEqual({ 'com.docker.network.bridge.name': 'a-rather-lo-ex' });
  expect(ipam?.Config).toEqual([{ Subnet: '10.29.29.0/24', Gateway: '10.29.29.1' }]);
  expect(renderNetwork('demo', { ...network, nat: false }).Options).toMatchObject({
    'com.docker.network.bridge.enable_ip_masquerade': 'false',
  });
});

describe('the API version', () => {
  test('is the newest that both know', () => {
    expect(negotiate('1.41', '1.12', '20.10')).toBe('1.41');
    expect(negotiate('1.99', '1.44', '40.0')).toBe('1.51');
    expect(negotiate('1.99', '1.60', '50.0')).toBe('1.60');
  });

  test('of an engine before 20.10 is refused', () => {
    expect(() => negotiate('1.40', '1.12', '19.03')).toThrow(/19.03 is too old/);
  });
});

test('a multiplexed stream is split however it is cut', async () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const frames = Buffer.concat([frame(1, 'out1'), frame(2, 'err'), frame(1, ''), frame(1, 'out2')]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(frames.length)), async (cuts) => {
      const collected = ['', ''];
      const sink = (index: number) =>
        new Writable({
          write(chunk: Buffer, _encoding, done) {
            collected[index] += chunk.toString();
            done();
          },
        });
      const splitter = demultiplex(sink(0), sink(1));
      const points = [0, ...cuts.sort((a, b) => a - b), frames.length];
      for (const [index, point] of points.slice(1).entries())
        splitter.write(frames.subarray(points[index], point));
      splitter.end();
      await finished(splitter);
      expect(collected).toEqual(['out1out2', 'err']);
    }),
  );
});

test('a path is shared as the deepest mount above it is', () => {
  const mountinfo = [
    '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
    '30 22 0:25 / /run rw,nosuid shared:5 - tmpfs tmpfs rw',
    '31 30 0:26 / /run/lock rw - tmpfs tmpfs rw',
  ].join('\n');
  expect(isShared(mountinfo, '/run/netns')).toBe(true);
  expect(isShared(mountinfo, '/run/lock/x')).toBe(false);
  expect(isShared(mountinfo, '/runner')).toBe(false);
});
