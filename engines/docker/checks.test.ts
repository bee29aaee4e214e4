import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { GantryError } from '../../src/errors.ts';
import {
  checkCapabilities,
  checkClock,
  checkCpusets,
  checkDisk,
  checkHostName,
  checkMemory,
  checkProcessors,
  checkRanges,
  checkReserved,
} from './checks.ts';
import { isDebian } from './install.ts';
import { parseRoutes, portProblem } from './machine.ts';
import { preflight } from './preflight.ts';

test('a missing capability is named', () => {
  const full = (1n << 41n) - 1n;
  expect(checkCapabilities(full, ['SYS_ADMIN', 'CHOWN']).level).toBe('ok');
  const withheld = full & ~(1n << 21n);
  expect(checkCapabilities(withheld, ['SYS_ADMIN', 'CHOWN'])).toMatchObject({
    level: 'error',
    message: 'this machine does not have SYS_ADMIN',
  });
});

test('a host name that OpenStack does not take is refused, with the part that is wrong', () => {
  expect(checkHostName('Vm.Example.org').level).toBe('ok');
  expect(checkHostName('my_host.example.org').message).toContain('its part "my_host"');
  expect(checkHostName('node.42').message).toContain('what follows its last dot is a number');
});

test("ranges collide with the machine's routes, not with this cloud's own bridges or the default route", () => {
  const routes = parseRoutes(
    [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'demo-in\t001C1D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    ].join('\n'),
  );
  expect(routes.map((route) => route.destination)).toEqual(['0.0.0.0/0', '192.168.1.0/24', '10.29.28.0/24']);
  const ranges = [
    { name: 'internal', subnet: '10.29.28.0/24' },
    { name: 'external', subnet: '192.168.0.0/16' },
  ];
  expect(checkRanges(ranges, routes, new Set(['demo-in']))).toMatchObject([
    { level: 'ok' },
    {
      level: 'error',
      message: "192.168.0.0/16 collides with this machine's route to 192.168.1.0/24 by eth0",
    },
  ]);
});

test('memory and disk count less once the cloud runs', () => {
  expect(checkMemory(1000, false).level).toBe('error');
  expect(checkMemory(3000, false).level).toBe('warning');
  expect(checkMemory(8000, false).level).toBe('ok');
  expect(checkMemory(1000, true).level).toBe('ok');
  expect(checkDisk(3000, '/var/lib/docker', false).level).toBe('error');
  expect(checkDisk(3000, '/var/lib/docker', true).level).toBe('ok');
  expect(checkDisk(undefined, '/var/lib/docker', false).level).toBe('warning');
});

test('limits that the machine cannot give are told of before a container is made', () => {
  const nova = { name: 'nova-api', resources: { cpus: 4 } };
  expect(checkProcessors([nova, { name: 'mariadb', resources: {} }], 4)).toEqual([]);
  expect(checkProcessors([nova], 2)).toMatchObject([
    { level: 'error', message: 'resources.nova-api.cpus is 4, and the engine has 2' },
  ]);
  expect(checkReserved(512, 8192)).toEqual([]);
  expect(checkReserved(8192, 8192)).toMatchObject([{ level: 'error' }]);
});

test('CPUs and NUMA nodes that the machine does not have are named', () => {
  const machine = { cpus: [0, 1, 2, 3], numaNodes: [0] };
  const nova = { name: 'nova-api', resources: { cpuset: '2-5', numaNodes: '0-1' } };
  expect(checkCpusets([nova], [], machine).map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'error: resources.nova-api.cpuset has 4-5; the CPUs of this machine are 0-3',
    'error: resources.nova-api.numaNodes has 1; the NUMA nodes of this machine are 0',
  ]);
  const mariadb = { name: 'mariadb', resources: { cpuset: '0-3', numaNodes: '0' } };
  expect(checkCpusets([mariadb, { name: 'haproxy', resources: {} }], [], machine)).toEqual([]);
  expect(checkCpusets([nova], [], { cpus: undefined, numaNodes: undefined })).toEqual([]);
  const others = ['glance-api', 'haproxy'].map((name) => ({ name, resources: { cpuset: '3-4' } }));
  expect(checkCpusets(others, [], machine)).toMatchObject([
    { message: 'cpuset of glance-api and 1 more has 4; the CPUs of this machine are 0-3' },
  ]);
  const servers = { path: ['compute', 'cpuDedicatedSet'], cpus: '2-9' };
  expect(
    checkCpusets([], [servers, { path: ['compute', 'cpuSharedSet'], cpus: undefined }], machine),
  ).toMatchObject([{ message: 'compute.cpuDedicatedSet has 4-9; the CPUs of this machine are 0-3' }]);
});

test('a clock in the past is an error, one that nothing sets a warning', () => {
  expect(checkClock(0, { clockSynchronized: true }).level).toBe('error');
  expect(checkClock(Date.UTC(2030, 0), { clockSynchronized: false }).level).toBe('warning');
  expect(checkClock(Date.UTC(2030, 0), { clockSynchronized: undefined }).level).toBe('ok');
});

test('a port that something listens on is found', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(await portProblem('127.0.0.1', port)).toBe('EADDRINUSE');
  await new Promise((resolve) => server.close(resolve));
  expect(await portProblem('127.0.0.1', port)).toBeUndefined();
  expect(await portProblem('192.0.2.1', port)).toBe('EADDRNOTAVAIL');
});

test('a port is free for TCP though it is taken for UDP', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  expect(await portProblem('127.0.0.1', port, 'udp')).toBe('EADDRINUSE');
  expect(await portProblem('127.0.0.1', port, 'tcp')).toBeUndefined();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  expect(await portProblem('127.0.0.1', port, 'udp')).toBeUndefined();
});

test('an engine that does not answer is a finding with what to do', async () => {
  const findings = await preflight({
    desired: { cloud: 'demo', networks: [], processes: [], jobs: [], images: [], publicAddress: '127.0.0.1' },
    ranges: [],
    wire: {
      process: undefined,
      name: undefined,
      takesAddress: false,
      mtu: undefined,
      pool: { start: '10.0.0.2', end: '10.0.0.3' },
    },
    cpuSets: [],
    reservedMemoryMiB: 512,
    packageArchive: 'deb.debian.org',
    proxied: false,
    accelerators: async () => [],
    virtType: 'auto',
    connect: async () => {
      throw new GantryError({
        code: 'x',
        whose: 'environment',
        message: 'No engine',
        why: 'gone',
        next: 'Start it.',
      });
    },
    now: () => 0,
  });
  expect(findings).toEqual([
    { check: 'engine', level: 'error', message: 'No engine: gone', next: 'Start it.' },
  ]);
});

test('Debian and what is derived from it are known', () => {
  expect(isDebian('ID=debian\nVERSION_ID="12"\n')).toBe(true);
  expect(isDebian('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
  expect(isDebian('ID="fedora"\n')).toBe(false);
  expect(isDebian('')).toBe(false);
});
