/**
 * Fixed numeric users, the same in every image: volumes keep their owners whichever image mounts them.
 * Those of services that are still to come are here from the start, since each new one builds every image again. Names
 * and homes are those of Debian's packages, whose scripts would otherwise make them with numbers of their own.
 * The base image creates them before any package could (catalogue/base/images/base); a test compares the two.
 */
export const baseUsers = {
  root: 0,
  mysql: 900,
  rabbitmq: 901,
  memcache: 902,
  haproxy: 903,
  client: 904,
  openvswitch: 905,
  registry: 906,
  events: 907,
  keystone: 910,
  glance: 911,
  placement: 912,
  nova: 913,
  neutron: 914,
  cinder: 915,
  swift: 916,
  heat: 917,
  horizon: 918,
  ironic: 919,
  tempest: 920,
  barbican: 921,
  octavia: 922,
  designate: 923,
  manila: 924,
  gnocchi: 925,
  ceilometer: 926,
  aodh: 927,
  magnum: 928,
  ceph: 930,
  redis: 931,
  valkey: 932,
  bind: 933,
  dnsmasq: 934,
  tftp: 935,
  etcd: 936,
} as const;

/** Those of one image alone, which makes them itself before its packages could: a new one in the base builds every image again. */
export const imageUsers = {
  prometheus: 940,
} as const;

export const users = { ...baseUsers, ...imageUsers } as const;
export type UserName = keyof typeof users;

/** `uid:gid`; every user has a group of the same name and number. */
export function userOf(name: UserName): string {
  return `${users[name]}:${users[name]}`;
}
