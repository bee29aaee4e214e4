import { describe, expect, test } from 'vitest';
import type { ClusterApi, Method, RequestOptions } from '../api/client.ts';
import { ApiFailure } from '../api/failure.ts';
import type { KubeObject, ServiceObject } from '../api/objects.ts';
import { answersAt } from '../observe/difference.ts';
import { frontDoorOf } from '../observe/facts.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { applyWithAddresses } from './addresses.ts';

const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'c', name: 'front-door' };
const spec = { type: 'LoadBalancer', loadBalancerClass: 'gantry.org/nodes' };
const door: DesiredObject & { addresses: string[] } = {
  ref,
  manifest: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'front-door' }, spec },
  addresses: ['192.0.2.1', '192.0.2.2'],
};

function service(spec: ServiceObject['spec'], ips: string[] = []): KubeObject & ServiceObject {
  const status = { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } };
  return { metadata: { name: 'front-door' }, spec, status } as KubeObject & ServiceObject;
}

/** What is sent to a server that has this service, and keeps its status through what is applied; and what it then has. */
async function apply(live: ServiceObject | undefined) {
  const sent: string[] = [];
  let present = live;
  const send = async (method: Method, path: string, { body, ignoreWarnings }: RequestOptions = {}) => {
    if (method === 'GET') {
      if (!present) throw new ApiFailure(404, {}, path);
      return { httpStatus: 200, body: present };
    }
    const given = body as ServiceObject;
    const httpStatus = present ? 200 : 201;
    if (path.endsWith('/status')) present = { ...(present as ServiceObject), status: given.status ?? {} };
    else present = { ...service(given.spec), ...(present ? { status: present.status ?? {} } : {}) };
    const ips = present.status?.loadBalancer?.ingress?.map(({ ip }) => ip).join(' ') ?? '';
    const { externalIPs = [] } = present.spec;
    sent.push(`external ${externalIPs.join(' ')}; status ${ips}${ignoreWarnings ? '; quiet' : ''}`);
    return { httpStatus, body: present };
  };
  const request = async (...args: Parameters<typeof send>) => (await send(...args)).body;
  const api = { send, request } as unknown as ClusterApi;
  const { httpStatus } = await applyWithAddresses(api, door, { force: false });
  return { sent, httpStatus };
}

describe('a service with addresses of its own', () => {
  test('is made, and then given them', async () => {
    expect(await apply(undefined)).toEqual({
      sent: ['external ; status ', 'external ; status 192.0.2.1 192.0.2.2'],
      httpStatus: 201,
    });
  });

  test('that has them as externalIPs has them at any time of the move', async () => {
    const external = service({ type: 'ClusterIP', externalIPs: ['192.0.2.1'] });
    expect((await apply(external)).sent).toEqual([
      'external 192.0.2.1; status ; quiet',
      'external 192.0.2.1; status 192.0.2.1 192.0.2.2; quiet',
      'external ; status 192.0.2.1 192.0.2.2',
    ]);
  });

  test('that has them is left alone, and one that has others is given its own', async () => {
    const applied = 'external ; status 192.0.2.1 192.0.2.2';
    expect((await apply(service(spec, door.addresses))).sent).toEqual([applied]);
    expect((await apply(service(spec, ['192.0.2.9']))).sent).toEqual([
      'external ; status 192.0.2.9',
      applied,
    ]);
  });

  test('differs where one is missing or too many, and not by their order', () => {
    const wanted = ['192.0.2.1', '192.0.2.2'];
    expect(answersAt(service(spec, ['192.0.2.2', '192.0.2.1']), wanted)).toBe(true);
    expect(answersAt(service(spec, ['192.0.2.1']), wanted)).toBe(false);
    expect(answersAt(service(spec, [...wanted, '192.0.2.3']), wanted)).toBe(false);
    expect(answersAt({ metadata: { name: 'front-door' } } as KubeObject, wanted)).toBe(false);
  });
});

test('the front door has addresses by externalIPs only where a cluster is old, or cloud.yaml says so', () => {
  expect(frontDoorOf({ frontDoor: 'nodes' }, 23)).toBe('externalIPs');
  expect(frontDoorOf({ frontDoor: 'nodes' }, 24)).toBe('nodes');
  expect(frontDoorOf({ frontDoor: 'externalIPs' }, 36)).toBe('externalIPs');
  expect(frontDoorOf({ frontDoor: 'loadBalancer' }, 20)).toBe('loadBalancer');
});
