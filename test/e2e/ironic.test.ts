import { describe, expect, test } from 'vitest';
import { Ironic } from './bare-metal.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** Ironic alone, with a machine that QEMU emulates: what needs no boot of that. Of a whole deployment see ironic-complete. */
const cloud = 'e2eironic';
const group = useGroupCloud(
  cloud,
  `
baremetal: {standalone: true, virtual: {machines: 1}}
network: {internal: 10.232.28.0/24, external: {subnet: 10.232.29.0/24}}
`,
);
const MACHINE = 'machine-0';
const STEP_MS = 60_000;

const open = () => Ironic.open(group().gantry, '10.232.29.1');

describe('Ironic alone', () => {
  testComing(group);

  test('lets in who has the password', async () => {
    const api = await open();
    expect((await api.ask('GET', '/v1/nodes', undefined, 'admin:wrong')).status).toBe(401);
    expect(await api.names()).toEqual([]);
  });

  test('says which node has wrong credentials, and takes the right ones', async () => {
    const api = await open();
    await api.enrol(MACHINE, 'wrong');
    await api.call('PUT', `/v1/nodes/${MACHINE}/states/provision`, { target: 'manage' });
    await expect(api.reach(MACHINE, 'manageable', STEP_MS)).rejects.toThrow(
      /enroll.*(401|[Aa]uthoriz|[Aa]ccess)/,
    );
    await api.call('DELETE', `/v1/nodes/${MACHINE}`);
    for (const time of ['first', 'second']) {
      const { stdout } = await expectDone(group(), 'exec', 'ironic', '--', 'enrol-machines');
      expect([time, stdout]).toEqual([time, `${MACHINE} is manageable\n`]);
    }
  });

  test('keeps a node that is changed on its list, and makes it nobody’s child', async () => {
    const api = await open();
    const changed = await api.patch(MACHINE, [{ op: 'add', path: '/extra/rack', value: '7' }]);
    expect([changed.extra, changed.parent_node]).toEqual([{ rack: '7' }, null]);
    expect((await api.node(MACHINE)).parent_node).toBe(null);
    expect(await api.names()).toEqual([MACHINE]);
    const { stdout } = await expectDone(
      group(),
      'exec',
      'ironic',
      '--',
      'baremetal',
      'node',
      'list',
      '-f',
      'json',
    );
    expect(JSON.parse(stdout)).toMatchObject([{ Name: MACHINE, 'Provisioning State': 'manageable' }]);
  });

  test('turns the machine on and off, which is on again after its controller was away', async () => {
    const api = await open();
    const { containers } = group();
    const turn = async (target: string, state: string) => {
      await api.call('PUT', `/v1/nodes/${MACHINE}/states/power`, { target });
      await expect.poll(async () => (await api.node(MACHINE)).power_state, { timeout: STEP_MS }).toBe(state);
    };
    await turn('power on', 'power on');
    await containers.restart('virtual-bmc');
    await containers.waitUntilHealthy(STEP_MS);
    expect(await api.powerOf(MACHINE)).toBe('On');
    await turn('power off', 'power off');
    expect(await api.powerOf(MACHINE)).toBe('Off');
  });

  test.each([
    ['GET', '', undefined, 'admin:wrong', 401],
    ['GET', '/machine-9', undefined, undefined, 404],
    ['PATCH', `/${MACHINE}`, { Boot: { BootSourceOverrideTarget: 'Floppy' } }, undefined, 400],
    ['PATCH', `/${MACHINE}`, { Boot: 7 }, undefined, 400],
    ['POST', `/${MACHINE}/Actions/ComputerSystem.Reset`, { ResetType: 'Explode' }, undefined, 400],
    ['POST', `/${MACHINE}/Actions/Nothing`, {}, undefined, 404],
  ])('has controllers that refuse %s %s %o', async (method, path, body, login, status) => {
    const api = await open();
    expect((await api.askController(method, path, body, login)).status).toBe(status);
  });

  test('serves what machines boot', async () => {
    const { address } = await open();
    const { status } = await fetch(`http://${address}:6388/agent/ramdisk`, { method: 'HEAD' });
    expect(status).toBe(200);
    const script = await (await fetch(`http://${address}:6388/boot.ipxe`)).text();
    expect(script).toMatch(/^#!ipxe/);
  });

  test('knows its nodes after its process was killed', async () => {
    const api = await open();
    const { containers } = group();
    const { ironic: before } = await containers.identities();
    await containers.crash('ironic');
    await waitUntil('another start of it', STEP_MS, async () =>
      (await containers.identities()).ironic === before ? undefined : true,
    );
    await containers.waitUntilHealthy(STEP_MS);
    const { provision_state, extra } = await api.node(MACHINE);
    expect([provision_state, extra]).toEqual(['manageable', { rack: '7' }]);
    await expectDone(group(), 'plan', '--detailed-exitcode');
  });

  testGoing(group);
});
