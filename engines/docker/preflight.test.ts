import { expect, test } from 'vitest';
import { makeProcess } from '../../src/plan/testing/workloads.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../../test/contract/cloud.ts';
import { Label } from './labels.ts';
import { checkOtherClouds, takesHostName } from './preflight.ts';

const container = (cloud: string, network: string) => ({
  Labels: { [Label.cloud]: cloud },
  HostConfig: { NetworkMode: network },
});
const onNode = makeProcess('openvswitch', { needs: { hostNetwork: true } });

test("a cloud that uses the machine's own network has it to itself", () => {
  const containers = [
    container('other', 'host'),
    container('other', 'host'),
    container('small', 'small'),
    container('own', 'host'),
  ];
  expect(checkOtherClouds({ cloud: 'own', processes: [onNode] }, containers)).toMatchObject([
    { level: 'error', message: expect.stringContaining('the cloud other runs on this machine already') },
  ]);
  expect(checkOtherClouds({ cloud: 'own', processes: [makeProcess('keeper')] }, containers)).toEqual([]);
});

test('the host name of the machine matters to a cloud with processes that take it for an address', async () => {
  const { desired } = renderCloud(await loadCatalogue(projectRoot()));
  expect(takesHostName(desired)).toBe(true);
  expect(takesHostName({ processes: [onNode], jobs: [] })).toBe(false);
});
