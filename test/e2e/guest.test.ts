import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildForSuite } from './built-images.ts';
import { GuestMachine, type MachineImages } from './guest-machine.ts';

const bootTimeout = 120_000;
const metadata = 'openstack/latest/meta_data.json';
const userData = 'openstack/latest/user_data';

let images: MachineImages;
let machine: GuestMachine;

beforeAll(async () => {
  const built = await buildForSuite('guest', ['guest', 'libvirt', 'client', 'nova-compute']);
  images = { ...built, novaCompute: built['nova-compute'] };
});

beforeEach(async () => {
  machine = new GuestMachine(images);
  await machine.create(1024);
});

afterEach(() => machine.remove());

/** Waits until the console shows this, as often as given. */
async function seeOnConsole(text: string, times = 1): Promise<void> {
  await vi.waitFor(
    async () => {
      const shown = await machine.console();
      if (shown.split(text).length <= times) throw new Error(`not on the console: ${text}\n${shown}`);
    },
    { timeout: bootTimeout, interval: 500 },
  );
}

function describeInstance(id: string, hostname: string): string {
  return JSON.stringify({ uuid: id, hostname, public_keys: { test: `${machine.publicKey}\n` } });
}

/** User data of several parts, each of a type and an encoding, as Heat makes it. */
function ofParts(...parts: [string, string, string][]): string {
  const boundary = '===============42==';
  const texts = parts.map(
    ([type, encoding, text], index) =>
      `--${boundary}\nContent-Type: ${type}; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: ${encoding}\n` +
      `Content-Disposition: attachment; filename="part-${index}"\n\n${text}\n`,
  );
  return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${texts.join('')}--${boundary}--\n`;
}

const firstNumber = (text: string) => Number(text.match(/\d+/)?.[0]);

describe('the guest with a config drive', () => {
  const script = '#!/bin/sh\necho "ran as $(id -un) on $(hostname)"\ndate >> /root/runs\n';

  it('takes its name and keys, grows its root, runs the script once and keeps its data', async () => {
    const options = {
      board: 'q35',
      memoryMib: 128,
      configDrive: { [metadata]: describeInstance('id-1', 'crane.novalocal'), [userData]: script },
    } as const;
    await machine.start(options);
    await seeOnConsole('gantry-guest login:');
    await seeOnConsole('crane login:');
    expect(await machine.console()).toMatch(/SSH host key SHA256:\S{43}/);
    expect(await machine.console()).toContain('ran as root on crane');

    expect(await machine.ssh('gantry', 'hostname; id -u; doas id -u')).toBe('crane\n1000\n0\n');
    const mounted = 'sudo mount -o ro "$(blkid -L config-2)" /mnt && ls /mnt; sudo umount /mnt';
    expect(await machine.ssh('gantry', mounted)).toBe('openstack\n');
    expect(await machine.ssh('gantry', 'sudo kill -0 "$(cat /run/udhcpc.eth0.pid)" && echo runs')).toBe(
      'runs\n',
    );
    expect(await machine.ssh('root', 'id -u')).toBe('0\n');
    expect(firstNumber(await machine.ssh('root', "df -m / | awk 'END { print $2 }'"))).toBeGreaterThan(950);
    expect(firstNumber(await machine.ssh('root', "free -m | awk '/^Mem/ { print $3 }'"))).toBeLessThan(64);
    expect(await machine.ssh('gantry', 'ping -c 1 10.0.2.2')).toContain('1 packets received');

    await machine.ssh('gantry', 'echo kept > data');
    await machine.monitor('system_powerdown');
    await vi.waitFor(async () => expect(await machine.isRunning()).toBe(false), {
      timeout: 30_000,
      interval: 500,
    });
    await machine.start(options);
    await seeOnConsole('instance ready');
    expect(await machine.console()).not.toContain('ran as root');
    expect(await machine.ssh('root', 'cat /home/gantry/data; wc -l < /root/runs')).toBe('kept\n1\n');
  });

  it('has a new host key when its disk is the copy of another instance', async () => {
    const drive = (id: string) => ({ [metadata]: describeInstance(id, id) });
    await machine.start({ board: 'pc', memoryMib: 96, configDrive: drive('one') });
    await seeOnConsole('instance ready');
    const key = await machine.ssh('root', 'dropbearkey -y -f /etc/dropbear/dropbear_ed25519_host_key');
    await machine.ssh('root', 'sync');
    await machine.stop();
    await machine.start({ board: 'pc', memoryMib: 96, configDrive: drive('two') });
    await seeOnConsole('SSH host key', 2);
    expect(await machine.ssh('root', 'dropbearkey -y -f /etc/dropbear/dropbear_ed25519_host_key')).not.toBe(
      key,
    );
  });

  it.each(['pc', 'q35'] as const)(
    'uses a disk and a network interface plugged in later (%s)',
    async (board) => {
      const [disk, nic] = board === 'q35' ? [',bus=slot1', ',bus=slot2'] : ['', ''];
      await machine.start({
        board,
        memoryMib: 128,
        configDrive: { [metadata]: describeInstance('id-3', 'plug') },
      });
      await seeOnConsole('instance ready');
      await machine.monitor('drive_add 0 if=none,id=later,driver=null-co,size=64M,read-zeroes=on');
      await machine.monitor(`device_add virtio-blk-pci,drive=later${disk}`);
      await machine.monitor('netdev_add user,id=second,net=10.9.8.0/24');
      await machine.monitor(`device_add virtio-net-pci,netdev=second${nic}`);
      await seeOnConsole('eth1: address 10.9.8.');
      expect(await machine.ssh('gantry', 'cat /sys/block/vdb/size')).toBe('131072\n');
      expect(await machine.ssh('gantry', 'ip route get 192.0.2.1')).toContain('dev eth0');
    },
  );
});

describe('the guest without a config drive', () => {
  it('asks the metadata service, and runs the scripts among several parts', async () => {
    const service = {
      [metadata]: describeInstance('id-4', 'served'),
      [userData]: ofParts(
        ['text/cloud-config', '8bit', 'not: ours'],
        ['text/plain', 'base64', Buffer.from('#!/bin/sh\necho script ran\n').toString('base64')],
      ),
    };
    await machine.start({ board: 'pc', memoryMib: 128, service });
    await seeOnConsole('served login:');
    expect(await machine.console()).toContain('script ran');
    expect(await machine.ssh('gantry', 'hostname')).toBe('served\n');
    const asked = `curl -s -m 5 http://169.254.169.254/${metadata}`;
    expect(await machine.ssh('gantry', asked)).toBe(service[metadata]);
    expect(await machine.ssh('gantry', 'curl -I http://169.254.169.254 2>&1 || echo refused')).toContain(
      'refused',
    );
  });

  it('asks in the manner of EC2 where OpenStack has no answer', async () => {
    const service = {
      'latest/meta-data/instance-id': 'i-00000001',
      'latest/meta-data/local-hostname': 'ec2.novalocal',
      'latest/meta-data/public-keys/index': '0=test',
      'latest/meta-data/public-keys/0/openssh-key': machine.publicKey,
    };
    await machine.start({ board: 'pc', memoryMib: 128, service });
    await seeOnConsole('ec2 login:');
    expect(await machine.ssh('gantry', 'hostname')).toBe('ec2\n');
  });

  it('asks on where the service has no answer yet', async () => {
    await machine.start({ board: 'pc', memoryMib: 128, service: {} });
    await seeOnConsole('no config drive and no answer from http://169.254.169.254 yet');
    await machine.serve({ [metadata]: describeInstance('id-6', 'patient') });
    await seeOnConsole('patient login:');
    expect(await machine.ssh('gantry', 'hostname')).toBe('patient\n');
  });

  it('offers a login and its SSH banner where nothing answers', async () => {
    await machine.start({ board: 'pc', memoryMib: 128 });
    await seeOnConsole('gantry-guest login:');
    await seeOnConsole('SSH host key');
    await expect(machine.ssh('gantry', 'true')).rejects.toThrow('Permission denied');
  });
});
