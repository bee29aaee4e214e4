import type { Privileges } from './rules/privileges.ts';

/** The workloads that have privileges, with all they have. Whoever adds one says here why it cannot be without. */
export const allowedPrivileges: Record<string, Privileges> = {
  libvirt: {
    reason:
      'libvirtd gives guests their users, devices, cgroups and interfaces; guests outlive the container only in the PID and cgroup namespaces of the node',
    root: true,
    hostNetwork: true,
    hostPid: true,
    hostCgroup: true,
    capabilities: [
      'CHOWN',
      'DAC_OVERRIDE',
      'DAC_READ_SEARCH',
      'FOWNER',
      'FSETID',
      'IPC_LOCK',
      'KILL',
      'MKNOD',
      'NET_ADMIN',
      'NET_RAW',
      'SETGID',
      'SETPCAP',
      'SETUID',
      'SYS_ADMIN',
      'SYS_CHROOT',
      'SYS_NICE',
      'SYS_PTRACE',
    ],
    devices: ['tun', 'kvm', 'vhost-net'],
  },
  virtlogd: {
    reason: "virtlogd holds the consoles of guests, and lives outside its container's cgroup as they do",
    root: true,
    hostPid: true,
    hostCgroup: true,
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SYS_ADMIN'],
  },
  'registry-mirror': {
    reason: 'the container runtime of the node asks it on loopback',
    hostNetwork: true,
  },
  'nova-compute': {
    reason:
      'plugs interfaces and mounts disks through privsep daemons, which sudo starts; its address is the node’s',
    hostNetwork: true,
    setuid: true,
    capabilities: [
      'AUDIT_WRITE',
      'CHOWN',
      'DAC_OVERRIDE',
      'DAC_READ_SEARCH',
      'FOWNER',
      'KILL',
      'NET_ADMIN',
      'SETGID',
      'SETPCAP',
      'SETUID',
      'SYS_ADMIN',
    ],
  },
  'neutron-ovn-metadata': {
    reason: 'makes a network namespace for each network, moves interfaces into it and serves port 80 there',
    root: true,
    hostNetwork: true,
    capabilities: [
      'CHOWN',
      'DAC_OVERRIDE',
      'DAC_READ_SEARCH',
      'FOWNER',
      'KILL',
      'NET_ADMIN',
      'NET_BIND_SERVICE',
      'NET_RAW',
      'SETGID',
      'SETUID',
      'SYS_ADMIN',
      'SYS_PTRACE',
    ],
  },
  'openvswitch-db': {
    reason: 'keeps its sockets and database in volumes that processes with other users share',
    root: true,
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
  },
  openvswitch: {
    reason: 'makes bridges and interfaces on the node and forwards packets between them',
    root: true,
    hostNetwork: true,
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'NET_ADMIN', 'NET_RAW', 'NET_BROADCAST', 'SYS_NICE'],
    devices: ['tun'],
  },
  'ironic-conductor': {
    reason: 'talks to controllers and agents of machines, whose networks are those of its node',
    hostNetwork: true,
  },
  'ironic-http': {
    reason: 'machines that boot know the address of the node',
    hostNetwork: true,
  },
  'ironic-boot': {
    reason: 'machines ask for their first program at a port below 1024; dnsmasq then becomes its own user',
    root: true,
    hostNetwork: true,
    capabilities: ['NET_BIND_SERVICE', 'SETGID', 'SETUID'],
  },
  'ovn-controller': {
    reason: 'programs the switch of the node over its socket, and reads interfaces of the node',
    root: true,
    hostNetwork: true,
    capabilities: ['DAC_OVERRIDE', 'NET_ADMIN'],
  },
};

/** The same for a cloud that is Ironic alone, with virtual machines. */
export const privilegesAlone: Record<string, Privileges> = {
  ironic: {
    reason: 'talks to controllers and agents of machines, whose network is one of the node',
    hostNetwork: true,
  },
  'ironic-http': {
    reason: 'machines that boot know the address of the node',
    hostNetwork: true,
  },
  'ironic-boot': {
    reason:
      'gives machines on a network of the node their addresses, and their first program at a port below 1024',
    root: true,
    hostNetwork: true,
    capabilities: ['NET_ADMIN', 'NET_BIND_SERVICE', 'NET_RAW', 'SETGID', 'SETUID'],
  },
  'virtual-bmc': {
    reason:
      'plugs each machine into a bridge of the node; QEMU then runs as a user without any of these rights',
    root: true,
    hostNetwork: true,
    capabilities: ['NET_ADMIN', 'SETGID', 'SETUID'],
    devices: ['tun'],
  },
};
