import { file } from '../../src/model/make.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

/** Where the images of Open vSwitch and OVN have their resolver look for its settings (`OVS_UNBOUND_CONF`). */
const path = `${CONFIG_DIR}/unbound.conf`;

/** Seconds between two attempts of a client of OVSDB that has been without a connection for a while. */
const LONGEST_PAUSE = 8;

/**
 * How a client of OVSDB looks names up (unbound.conf(5)) that takes the first of so many remotes that answers. It asks
 * in the background and uses the address when the turn of that name comes again, in the end after the longest pause for
 * each remote: an address that is kept for less time than that, as a short TTL wants it, is never used, and the client
 * stays without a connection for good.
 *
 * @param remotes how many there are
 * @param gid the group that may read it
 */
export function ovsdbNames(remotes: number, gid: number): RenderedFile {
  const seconds = remotes * LONGEST_PAUSE + 6;
  const lines = [
    'server:',
    // Docker's name server listens on loopback.
    '  do-not-query-localhost: no',
    `  cache-min-ttl: ${seconds}`,
    `  cache-max-ttl: ${seconds}`,
    '  cache-max-negative-ttl: 1',
    // A name server that has not answered for a while is asked on, at least every few seconds.
    '  infra-cache-max-rtt: 2000',
    '  infra-host-ttl: 5',
    '  infra-keep-probing: yes',
  ];
  return file(path, `${lines.join('\n')}\n`, { gid, secret: false });
}
