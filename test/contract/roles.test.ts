import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeRoles, roleTraits } from '../../src/model/node-role.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud, workloadsOf } from './cloud.ts';

const cluster = { instanceDomain: '.{process}-peers.test', domain: '.test' };

describe('roles of nodes', async () => {
  const cloud = renderCloud(await loadCatalogue(projectRoot()), { facts: cluster });

  test('are told by docs/kubernetes.md as the table has them', () => {
    const docs = readFileSync(join(projectRoot(), 'docs/kubernetes.md'), 'utf8');
    const rows = nodeRoles.map((role) => {
      const { label, places, usual } = roleTraits[role];
      return `| \`${role}\` | \`${label}\` | ${places} | ${usual ? 'yes' : 'no'} |`;
    });
    expect(docs).toContain(rows.join('\n'));
  });

  test('are given to nodes unasked where something of the catalogue needs one of them', () => {
    const placed = workloadsOf(cloud).filter(({ on }) => on.length < nodeRoles.length);
    const usual = nodeRoles.filter((role) => roleTraits[role].usual);
    expect(usual.filter((role) => !placed.some(({ on }) => on.includes(role)))).toEqual([]);
    expect(placed.filter(({ on }) => !on.some((role) => usual.includes(role)))).toEqual([]);
  });

  test('place servers on compute nodes alone, and a switch on network nodes too', () => {
    const placesOf = (role: 'compute' | 'network') =>
      cloud.desired.processes
        .filter(({ on, spread }) => spread === 'perNode' && on.includes(role))
        .map(({ name }) => name)
        .sort();
    const network = ['openvswitch', 'openvswitch-db', 'ovn-controller', 'registry-mirror'];
    const machines = ['ironic-boot', 'ironic-conductor', 'ironic-http'];
    const servers = ['ceilometer-compute', 'libvirt', 'neutron-ovn-metadata', 'nova-compute', 'virtlogd'];
    expect(placesOf('network')).toEqual([...machines, ...network]);
    expect(placesOf('compute')).toEqual([...network, ...servers].sort());
  });

  test('take a process that runs on each node apart from its replicas', () => {
    const wrong = cloud.desired.processes.filter(
      ({ spread, replicas }) => spread === 'perNode' && replicas > 1,
    );
    expect(wrong).toEqual([]);
  });
});

describe('gateways', async () => {
  const services = await loadCatalogue(projectRoot());
  const switchOf = (facts: Parameters<typeof renderCloud>[1] & object) =>
    renderCloud(services, facts).desired.processes.find(({ name }) => name === 'openvswitch');
  const listOf = (networkNodes: string[]) =>
    switchOf({ facts: { ...cluster, networkNodes } })?.files.find(({ path }) => path.endsWith('/gateways'));

  test('are listed for the switches, which take a changed list up as they run', () => {
    expect(listOf([])).toMatchObject({ content: '', reloadable: true });
    expect(listOf(['n1', 'n2'])).toMatchObject({ content: 'n1\nn2\n', reloadable: true });
    expect(switchOf({ facts: cluster })?.reload).toEqual({ command: ['/usr/local/bin/choose-ovn-gateway'] });
  });

  test('are nothing to list where there is one machine', () => {
    const { files, reload } = switchOf({}) ?? {};
    expect({ files: files?.map(({ path }) => path), reload }).toEqual({
      files: ['/etc/gantry/node.env'],
      reload: undefined,
    });
  });
});
