"""A machine that QEMU emulates: it can be turned on and off, and told what to boot from, and keeps its disk and its console."""

import fcntl
import json
import os
import socket
import struct
import subprocess
import threading
import time

QMP_LIMIT_SECONDS = 20

# Of linux/if_tun.h.
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000


class MachineError(Exception):
    """What could not be done with a machine."""


def plug_in(tap, bridge):
    """
    Makes an interface of this name and plugs it into the bridge. It is there as long as the file that is returned is open, by
    which one QEMU after the other sends and receives.
    """
    card = os.open('/dev/net/tun', os.O_RDWR)
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
    fcntl.ioctl(card, TUNSETIFF, struct.pack('16sH22x', tap.encode(), flags))
    subprocess.run(['ip', 'link', 'set', tap, 'master', bridge, 'up'], check=True)
    return card


class Machine:
    def __init__(self, spec, directory, card):
        self.name = spec['name']
        self.uuid = spec['uuid']
        self.mac = spec['mac']
        self.card = card
        self.cpus = spec['cpus']
        self.memory_mib = spec['memoryMiB']
        self.disk_gib = spec['diskGiB']
        self.directory = os.path.join(directory, self.name)
        self.boot_target = 'None'
        self.boot_enabled = 'Disabled'
        self.lock = threading.RLock()
        self.qemu = None
        self.monitor = None
        os.makedirs(self.directory, exist_ok=True)

    @property
    def is_on(self):
        return self.qemu is not None

    def choose_boot(self, target, enabled):
        """What is tried first from the next start on: of those, `Once` is for one."""
        with self.lock:
            self.boot_target = target
            self.boot_enabled = 'Disabled' if target == 'None' else enabled

    def turn_on(self):
        with self.lock:
            if not self.is_on:
                self._start()

    def cut_power(self):
        with self.lock:
            self._forget_that_it_is_on()
            self._end()

    def press_power_button(self):
        """Whether and when it turns off is what runs on it to decide."""
        with self.lock:
            if self.monitor is not None:
                self._say('system_powerdown')

    def restart(self):
        with self.lock:
            self._end()
            self._start()

    def come_back(self):
        """Turns it on if it was on when `leave` ended it, or the power went."""
        if os.path.exists(self._path('on')):
            self.turn_on()

    def leave(self):
        with self.lock:
            self._end()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _forget_that_it_is_on(self):
        if os.path.exists(self._path('on')):
            os.unlink(self._path('on'))

    def _start(self):
        from_network = self.boot_target == 'Pxe' and self.boot_enabled != 'Disabled'
        if self.boot_enabled == 'Once':
            self.boot_target, self.boot_enabled = 'None', 'Disabled'
        try:
            command = self._command(self._provide_disk(), from_network)
            self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[self.card])
            self.monitor = self._connect()
        except (OSError, subprocess.CalledProcessError) as error:
            self._end()
            raise MachineError(f'{self.name} does not start: {error}') from error
        with open(self._path('on'), 'w'):
            pass
        print(f'{self.name} is on, and boots from {"the network" if from_network else "its disk"}', flush=True)
        threading.Thread(target=self._watch, args=(self.qemu, self.monitor), daemon=True).start()

    def _provide_disk(self):
        disk = self._path('disk.qcow2')
        if not os.path.exists(disk):
            # By another name first: a disk that is there is whole.
            new = f'{disk}.new'
            subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', new, f'{self.disk_gib}G'], check=True)
            os.rename(new, disk)
        return disk

    def _command(self, disk, from_network):
        order = {'net': 1, 'disk': 2} if from_network else {'disk': 1, 'net': 2}
        console = f'socket,id=console,path={self._path("console.socket")},server=on,wait=off'
        return [
            'qemu-system-x86_64',
            '-name', self.name,
            '-uuid', self.uuid,
            # Without a screen firmware and boot loaders write to the serial line.
            '-machine', 'q35,graphics=off',
            # Translated code, for which QEMU would take up to 1 GiB.
            '-accel', 'tcg,tb-size=64',
            '-smp', str(self.cpus),
            '-m', str(self.memory_mib),
            '-nodefaults', '-no-user-config', '-display', 'none',
            # A machine that restarts itself is started anew, and boots from what is chosen then.
            '-no-reboot',
            '-chardev', f'{console},logfile={self._path("console.log")},logappend=on',
            '-serial', 'chardev:console',
            '-drive', f'if=none,id=disk,format=qcow2,discard=unmap,file={disk}',
            '-device', f'virtio-blk-pci,drive=disk,serial={self.name},bootindex={order["disk"]}',
            '-netdev', f'tap,id=net,fd={self.card}',
            '-device', f'virtio-net-pci,netdev=net,mac={self.mac},bootindex={order["net"]}',
            '-device', 'virtio-rng-pci',
            '-qmp', f'unix:{self._path("monitor.socket")},server=on,wait=off',
        ]

    def _connect(self):
        """The connection over which QEMU tells what happens: https://www.qemu.org/docs/master/interop/qmp-spec.html"""
        end = time.monotonic() + QMP_LIMIT_SECONDS
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self._path('monitor.socket'))
                break
            except OSError:
                connection.close()
                if self.qemu.poll() is not None:
                    raise OSError(f'QEMU ended with {self.qemu.returncode}') from None
                if time.monotonic() > end:
                    raise OSError(f'QEMU does not answer within {QMP_LIMIT_SECONDS} s') from None
                time.sleep(0.05)
        monitor = connection.makefile('rw', encoding='utf-8')
        connection.close()
        monitor.readline()
        monitor.write(json.dumps({'execute': 'qmp_capabilities'}) + '\n')
        monitor.flush()
        return monitor

    def _say(self, command):
        try:
            self.monitor.write(json.dumps({'execute': command}) + '\n')
            self.monitor.flush()
        except OSError as error:
            raise MachineError(f'QEMU of {self.name} does not listen: {error}') from error

    def _watch(self, qemu, monitor):
        """Until this QEMU ends. What the machine did by itself is followed: it turned itself off, or restarts."""
        reason = None
        try:
            for line in monitor:
                message = json.loads(line)
                if message.get('event') == 'SHUTDOWN':
                    reason = message['data']['reason']
        except (OSError, ValueError):
            pass
        qemu.wait()
        with self.lock:
            # Who ended it on purpose has taken note of it.
            if self.qemu is not qemu:
                return
            self.qemu = self.monitor = None
            if reason == 'guest-reset':
                print(f'{self.name} restarts', flush=True)
                self._start()
            else:
                self._forget_that_it_is_on()
                print(f'{self.name} is off: {reason or f"QEMU ended with {qemu.returncode}"}', flush=True)

    def _end(self):
        qemu, self.qemu, self.monitor = self.qemu, None, None
        if qemu is not None:
            qemu.kill()
            qemu.wait()
            print(f'{self.name} is off', flush=True)
