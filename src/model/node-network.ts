/** Names of what a cloud has in the network of its node, each an interface of its own. */
export interface NodeNetwork {
  /** Linux bridges behind the networks that an engine makes. */
  internal: string;
  external: string;
  /** A pair of interfaces joins the external bridge and the switch's: its end at the one, and its end at the other. */
  wireOutside: string;
  wireInside: string;
  /** Carries the tunnels of a switch in user space, on the wire of the node's own address. */
  tunnel: string;
}

/** The kernel allows 15 characters (IFNAMSIZ of linux/if.h, with the zero at the end). */
export function nodeNetwork(cloud: string): NodeNetwork {
  const stem = cloud.slice(0, 11);
  return {
    internal: `${stem}-in`,
    external: `${stem}-ex`,
    wireOutside: `${stem}-exo`,
    wireInside: `${stem}-exi`,
    tunnel: `${stem}-tun`,
  };
}

/**
 * The network interfaces of a machine, as iproute2 tells of them: for an engine to read on this machine, or in a
 * container that has its node's network. Each command writes one JSON array in one line (ip(8), -json).
 */
export const networkCommands: readonly string[][] = [
  ['ip', '-json', '-details', 'address', 'show'],
  ['ip', '-json', 'route', 'show'],
  ['ip', '-json', '-6', 'route', 'show'],
];

export interface NetworkInterface {
  name: string;
  /** `ether`, `loopback`, `none` and others of the kernel's. */
  linkType: string;
  /** `bridge`, `veth`, `vlan`, `bond` and others of the kernel's; undefined for hardware. */
  kind: string | undefined;
  mtu: number;
  isUp: boolean;
  /** The bridge, bond or switch that it is a port of. */
  master: string | undefined;
  /** Its own addresses but for link-local ones, which every interface has. */
  addresses: string[];
  /** What is reached through it: networks, or `default`. */
  routes: string[];
}

interface Link {
  ifname?: string;
  link_type?: string;
  mtu?: number;
  flags?: string[];
  master?: string;
  linkinfo?: { info_kind?: string };
  addr_info?: { family?: string; local?: string; scope?: string; dynamic?: boolean }[];
}

interface Route {
  dst?: string;
  dev?: string;
  nexthops?: { dev?: string }[];
}

/** Reads the outputs of the commands above, in their order. Throws a SyntaxError where one is no JSON. */
export function parseNetwork(outputs: readonly string[]): NetworkInterface[] {
  const [links = [], routes = [], routes6 = []] = outputs.map(
    (text) => JSON.parse(text.trim() || '[]') as object[],
  );
  return (links as Link[]).flatMap((link) => {
    const { ifname: name } = link;
    if (name === undefined) return [];
    // Routers' announcements give addresses to ports of a switch in user space as well, and nobody uses those.
    const isPort = link.master === 'ovs-system' || (link.flags?.includes('PROMISC') ?? false);
    const counted = (isPort ? routes : [...routes, ...routes6]) as Route[];
    return {
      name,
      linkType: link.link_type ?? 'none',
      kind: link.linkinfo?.info_kind,
      mtu: link.mtu ?? 0,
      isUp: link.flags?.includes('UP') ?? false,
      master: link.master,
      addresses: (link.addr_info ?? []).flatMap(({ family, local, scope, dynamic }) =>
        local === undefined ||
        scope === 'link' ||
        scope === 'host' ||
        (isPort && family === 'inet6' && dynamic)
          ? []
          : [local],
      ),
      routes: counted
        .filter(({ dev, nexthops = [] }) => [dev, ...nexthops.map((hop) => hop.dev)].includes(name))
        .flatMap(({ dst }) => (dst === undefined || /^(fe80|ff00):/.test(dst) ? [] : [dst])),
    };
  });
}

/** The interface that has an address. */
export function interfaceOf(
  interfaces: readonly NetworkInterface[],
  address: string,
): NetworkInterface | undefined {
  return interfaces.find(({ addresses }) => addresses.includes(address));
}
