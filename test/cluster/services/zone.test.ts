import type { V1Endpoints, V1Service } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { answer, type Cluster, keyOf } from './zone.ts';

function service(name: string, spec: V1Service['spec']): V1Service {
  return { metadata: { name, namespace: 'cloud' }, spec };
}

const database = service('mariadb', { clusterIP: 'None', ports: [{ name: 'mysql', port: 3306 }] });
const front = service('haproxy', {
  clusterIP: '10.27.128.99',
  ports: [{ name: 'https', port: 443, targetPort: 8443 }],
});
const elsewhere = service('mail', { type: 'ExternalName', externalName: 'mail.example.org' });
const pods: V1Endpoints = {
  metadata: database.metadata,
  subsets: [
    {
      addresses: [
        { ip: '10.27.65.2', hostname: 'mariadb-0' },
        { ip: '10.27.66.7', hostname: 'mariadb-1' },
      ],
      notReadyAddresses: [{ ip: '10.27.67.3', hostname: 'mariadb-2' }],
      ports: [{ name: 'mysql', port: 3306 }],
    },
  ],
};

const cluster: Cluster = {
  domain: 'cluster.local',
  ttl: 5,
  services: new Map([database, front, elsewhere].map((one) => [keyOf(one), one])),
  endpoints: new Map([[keyOf(pods), pods]]),
};

function resolve(type: string, name: string): unknown {
  const reply = answer(cluster, type, name);
  if (!reply?.known) return reply ? 'no such name' : 'not ours';
  return reply.answers.map((record) => ('data' in record ? record.data : undefined));
}

describe('names of a cluster', () => {
  it('gives a service its own address', () => {
    expect(resolve('A', 'haproxy.cloud.svc.cluster.local')).toEqual(['10.27.128.99']);
  });

  it('knows names in capitals', () => {
    expect(resolve('A', 'HAproxy.Cloud.svc.cluster.local')).toEqual(['10.27.128.99']);
  });

  it('gives a headless service the addresses of its ready pods', () => {
    expect(resolve('A', 'mariadb.cloud.svc.cluster.local')).toEqual(['10.27.65.2', '10.27.66.7']);
  });

  it('gives each ready pod of a headless service a name of its own', () => {
    expect(resolve('A', 'mariadb-1.mariadb.cloud.svc.cluster.local')).toEqual(['10.27.66.7']);
    expect(resolve('A', 'mariadb-2.mariadb.cloud.svc.cluster.local')).toBe('no such name');
  });

  it('says where a named port is', () => {
    expect(resolve('SRV', '_https._tcp.haproxy.cloud.svc.cluster.local')).toEqual([
      { target: 'haproxy.cloud.svc.cluster.local', port: 443, priority: 0, weight: 100 },
    ]);
    expect(resolve('SRV', '_mysql._tcp.mariadb.cloud.svc.cluster.local')).toMatchObject([
      { target: 'mariadb-0.mariadb.cloud.svc.cluster.local', port: 3306 },
      { target: 'mariadb-1.mariadb.cloud.svc.cluster.local', port: 3306 },
    ]);
    expect(resolve('SRV', '_mysql._udp.mariadb.cloud.svc.cluster.local')).toBe('no such name');
  });

  it('finds the name of an address', () => {
    expect(resolve('PTR', '99.128.27.10.in-addr.arpa')).toEqual(['haproxy.cloud.svc.cluster.local']);
    expect(resolve('PTR', '7.66.27.10.in-addr.arpa')).toEqual(['mariadb-1.mariadb.cloud.svc.cluster.local']);
  });

  it('points to names elsewhere', () => {
    expect(resolve('A', 'mail.cloud.svc.cluster.local')).toEqual(['mail.example.org']);
  });

  it('has nothing of another type for a name that exists', () => {
    expect(resolve('AAAA', 'haproxy.cloud.svc.cluster.local')).toEqual([]);
    expect(resolve('AAAA', 'mariadb.cloud.svc.cluster.local')).toEqual([]);
  });

  it('denies names that do not exist, and leaves the world to others', () => {
    expect(resolve('A', 'nothing.cloud.svc.cluster.local')).toBe('no such name');
    expect(resolve('A', 'example.org.cloud.svc.cluster.local')).toBe('no such name');
    expect(resolve('A', 'example.org')).toBe('not ours');
    expect(resolve('PTR', '1.2.0.192.in-addr.arpa')).toBe('not ours');
  });
});
