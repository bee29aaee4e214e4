import { expect, test } from 'vitest';
import { type Routes, startFakeApi } from '../openstack/fake-api.ts';
import { adminLogin, fakeKeystone } from '../openstack/fake-keystone.ts';
import { openSession, type Session } from '../openstack/session.ts';
import { drainNode } from './drain.ts';

interface FakeServer {
  id: string;
  name: string;
  status: string;
  host: string;
}

/** The part of Nova, Placement and Neutron that draining uses: a live migration ends at once, on the other node or with this status. */
function fakeNova(servers: FakeServer[], hosts: string[], migration = 'completed') {
  const services = hosts.map((host) => ({ id: `service-${host}`, host, status: 'enabled', state: 'up' }));
  const agents = hosts.map((host) => ({ id: `agent-${host}`, host }));
  const providers = hosts.map((host) => ({ uuid: `provider-${host}`, name: `${host}.example` }));
  const consumers: Record<string, Record<string, { resources: object; generation?: number }>> = {};
  const show = ({ host, ...server }: FakeServer) => ({
    ...server,
    'OS-EXT-SRV-ATTR:host': host,
    'OS-EXT-STS:task_state': null,
  });
  const routes: Routes = {
    'GET /compute/v2.1/os-services': () => ({ json: { services } }),
    'PUT /compute/v2.1/os-services/*': ({ body }, id) => {
      Object.assign(services.find((one) => one.id === id) ?? {}, body);
      return { json: {} };
    },
    'DELETE /compute/v2.1/os-services/*': (_, id) => {
      services.splice(
        services.findIndex((one) => one.id === id),
        1,
      );
      return { status: 204 };
    },
    'GET /compute/v2.1/os-hypervisors/detail': () => ({
      json: {
        hypervisors: services.map(({ host }) => ({
          hypervisor_hostname: `${host}.example`,
          host_ip: `10.0.0.${hosts.indexOf(host) + 1}`,
          service: { host },
        })),
      },
    }),
    'GET /placement/resource_providers': ({ query }) => ({
      json: {
        resource_providers: providers.filter(
          ({ uuid, name }) => name === query.get('name') || uuid === query.get('in_tree'),
        ),
      },
    }),
    'GET /placement/resource_providers/*/allocations': (_, uuid) => ({
      json: {
        allocations: Object.fromEntries(
          Object.entries(consumers).flatMap(([id, held]) => (uuid && held[uuid] ? [[id, held[uuid]]] : [])),
        ),
      },
    }),
    'GET /placement/allocations/*': (_, id = '') => ({
      json: { allocations: consumers[id], project_id: 'p' },
    }),
    'PUT /placement/allocations/*': ({ body }, id = '') => {
      const { allocations, project_id } = body as {
        allocations: (typeof consumers)[string];
        project_id: string;
      };
      consumers[id] = allocations;
      return { status: project_id === 'p' ? 204 : 400 };
    },
    'DELETE /placement/resource_providers/*': (_, uuid = '') => {
      if (Object.values(consumers).some((held) => uuid in held)) return { status: 409 };
      providers.splice(
        providers.findIndex((one) => one.uuid === uuid),
        1,
      );
      return { status: 204 };
    },
    'GET /network/v2.0/agents': ({ query }) => ({
      json: { agents: agents.filter(({ host }) => host === query.get('host')) },
    }),
    'DELETE /network/v2.0/agents/*': (_, id) => {
      agents.splice(
        agents.findIndex((one) => one.id === id),
        1,
      );
      return { status: 204 };
    },
    'GET /compute/v2.1/servers/detail': ({ query }) => ({
      json: { servers: servers.filter(({ host }) => host === query.get('host')).map(show) },
    }),
    'GET /compute/v2.1/servers/*': (_, id) => ({
      json: { server: show(servers.find((one) => one.id === id) as FakeServer) },
    }),
    'POST /compute/v2.1/servers/*/action': ({ body }, id) => {
      const server = servers.find((one) => one.id === id) as FakeServer;
      const target = services.find(({ host, status }) => host !== server.host && status === 'enabled');
      if (!('os-migrateLive' in (body as object)) || !target) return { status: 400 };
      if (migration === 'completed') server.host = target.host;
      return { status: 202 };
    },
    'GET /compute/v2.1/os-migrations': () => ({
      json: { migrations: [{ status: migration, created_at: '2026-01-01T00:00:00' }] },
    }),
  };
  return {
    services,
    agents,
    providers,
    consumers,
    servers,
    routes,
    down: (host: string) => {
      const service = services.find((one) => one.host === host);
      if (service) service.state = 'down';
    },
  };
}

async function open(routes: Routes): Promise<Session> {
  let url = '';
  const keystone = fakeKeystone(() => ({
    compute: `${url}/compute`,
    network: `${url}/network`,
    placement: `${url}/placement`,
  }));
  ({ url } = await startFakeApi({ ...keystone.routes, ...routes }));
  return openSession({ ...adminLogin(url), signal: new AbortController().signal });
}

test('servers are moved, then the node leaves and is forgotten', async () => {
  const nova = fakeNova([{ id: 'a', name: 'web', status: 'ACTIVE', host: 'node-1' }], ['node-1', 'node-2']);
  const done: string[] = [];
  await drainNode(await open(nova.routes), {
    node: 'node-1',
    addresses: ['10.0.0.1'],
    report: (text) => done.push(text),
    release: async () => {
      expect(nova.servers[0]?.host).toBe('node-2');
      nova.down('node-1');
      done.push('released');
      return true;
    },
  });
  expect(done).toEqual([
    'node-1 takes no more servers',
    'web runs on node-2 now',
    'released',
    "the cloud's processes on node-1 have ended",
    'node-1 is no longer known to Nova, Placement and Neutron',
  ]);
  expect(nova.services.map(({ host }) => host)).toEqual(['node-2']);
  expect(nova.agents.map(({ host }) => host)).toEqual(['node-2']);
});

test('what is still allocated on a drained node goes with its resource provider', async () => {
  const nova = fakeNova([], ['node-1', 'node-2']);
  const resources = { VCPU: 1 };
  nova.consumers.failed = { 'provider-node-1': { resources, generation: 2 } };
  nova.consumers.moved = {
    'provider-node-1': { resources },
    'provider-node-2': { resources, generation: 7 },
  };
  await drainNode(await open(nova.routes), {
    node: 'node-1',
    addresses: ['10.0.0.1'],
    report: () => {},
    release: async () => {
      nova.down('node-1');
      return true;
    },
  });
  expect(nova.consumers).toEqual({ failed: {}, moved: { 'provider-node-2': { resources } } });
  expect(nova.providers.map(({ uuid }) => uuid)).toEqual(['provider-node-2']);
});

test.each([
  ['SHUTOFF', ['node-1', 'node-2'], 'web (a) is SHUTOFF: only running servers move live'],
  ['ACTIVE', ['node-1'], 'no other compute node is up and enabled'],
])('nothing is changed where a server is %s and the nodes are %s', async (status, hosts, why) => {
  const nova = fakeNova([{ id: 'a', name: 'web', status, host: 'node-1' }], hosts);
  const drained = drainNode(await open(nova.routes), {
    node: 'node-1',
    addresses: ['10.0.0.1'],
    report: () => {},
    release: () => Promise.reject(new Error('must not be released')),
  });
  await expect(drained).rejects.toMatchObject({ code: 'node.not-movable', why });
  expect(nova.services[0]?.status).toBe('enabled');
});

test('nothing is changed where servers are on a node whose nova-compute is down', async () => {
  const nova = fakeNova([{ id: 'a', name: 'web', status: 'ACTIVE', host: 'node-1' }], ['node-1', 'node-2']);
  nova.down('node-1');
  const drained = drainNode(await open(nova.routes), {
    node: 'node-1',
    addresses: ['10.0.0.1'],
    report: () => {},
    release: () => Promise.reject(new Error('must not be released')),
  });
  await expect(drained).rejects.toMatchObject({ code: 'node.down', why: 'web (a) is on it' });
  expect(nova.services[0]?.status).toBe('enabled');
});

test('a lost node is forgotten, and what is on it ends later', async () => {
  const nova = fakeNova([], ['node-1', 'node-2']);
  nova.down('node-1');
  const done: string[] = [];
  await drainNode(await open(nova.routes), {
    node: 'node-1',
    addresses: ['10.0.0.1'],
    report: (text) => done.push(text),
    release: async () => false,
  });
  expect(done[1]).toBe("node-1 does not answer: the cloud's processes on it end when it is back");
  expect(nova.services.map(({ host }) => host)).toEqual(['node-2']);
});

test('a failed migration leaves the server and the node where they are, disabled', async () => {
  const nova = fakeNova(
    [{ id: 'a', name: 'web', status: 'ACTIVE', host: 'node-1' }],
    ['node-1', 'node-2'],
    'error',
  );
  const drained = drainNode(await open(nova.routes), {
    node: 'node-1',
    addresses: ['10.0.0.1'],
    report: () => {},
    release: () => Promise.reject(new Error('must not be released')),
  });
  await expect(drained).rejects.toMatchObject({ code: 'openstack.migration-failed' });
  expect(nova.services).toHaveLength(2);
  expect(nova.services[0]?.status).toBe('disabled');
});

test('a node that neither Nova nor Neutron knows is refused with those that Nova does', async () => {
  const nova = fakeNova([], ['node-1', 'node-2']);
  const drained = drainNode(await open(nova.routes), {
    node: 'node-9',
    addresses: ['10.0.0.9'],
    report: () => {},
    release: async () => true,
  });
  await expect(drained).rejects.toMatchObject({
    code: 'node.unknown',
    next: 'its compute nodes are node-1, node-2',
  });
});

test('a node without servers, such as one for gateways, is forgotten by Neutron alone', async () => {
  const nova = fakeNova([], ['node-1']);
  nova.agents.push({ id: 'agent-node-2', host: 'node-2' });
  const done: string[] = [];
  await drainNode(await open(nova.routes), {
    node: 'node-2',
    addresses: ['10.0.0.2'],
    report: (text) => done.push(text),
    release: async () => true,
  });
  expect(done).toEqual([
    "the cloud's processes on node-2 have ended",
    'node-2 is no longer known to Neutron',
  ]);
  expect(nova.agents.map(({ host }) => host)).toEqual(['node-1']);
  expect(nova.services.map(({ host, status }) => [host, status])).toEqual([['node-1', 'enabled']]);
});

test.each([
  ['has kept its host name without the domain', 'worker.rack-1.example.org', ['10.0.0.1'], 'worker'],
  ['has got another address', 'worker', ['10.0.0.7'], 'worker'],
  ['is called as another one was', 'node-2', ['10.0.0.1'], 'worker'],
])('a node that %s is found', async (_, node, addresses, host) => {
  const nova = fakeNova([], ['worker', 'node-2']);
  const done: string[] = [];
  await drainNode(await open(nova.routes), {
    node,
    addresses,
    report: (text) => done.push(text),
    release: async () => {
      nova.down(host);
      return true;
    },
  });
  expect(done.includes(`Nova calls ${node} ${host}`)).toBe(node !== host);
  expect(nova.services.map((one) => one.host)).toEqual(['node-2']);
  expect(nova.agents.map((one) => one.host)).toEqual(['node-2']);
  expect(nova.providers.map(({ name }) => name)).toEqual(['node-2.example']);
});
