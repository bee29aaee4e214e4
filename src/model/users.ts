/**
 * Fixed numeric users, the same in every image: volumes keep their owners whichever image mounts them.
 * The base image creates them before any package could (catalogue/base/images/base); a test compares the two.
 */
export const users = {
  root: 0,
  mysql: 900,
  rabbitmq: 901,
  memcache: 902,
  haproxy: 903,
  client: 904,
  openvswitch: 905,
  registry: 906,
  keystone: 910,
  glance: 911,
  placement: 912,
  nova: 913,
  neutron: 914,
  tempest: 920,
} as const;
export type UserName = keyof typeof users;

/** `uid:gid`; every user has a group of the same name and number. */
export function userOf(name: UserName): string {
  return `${users[name]}:${users[name]}`;
}
