/** What a role of nodes means: the one table that the command line, the engines and docs/kubernetes.md tell it from. */
export interface NodeRoleTraits {
  /** What nodes with the role run, as the object of "run". */
  places: string;
  /** The label that gives a node the role, by its presence. */
  label: string;
  /** Given to every node while no node has a role, and by `label-nodes` where nobody says which. */
  usual: boolean;
  /** Taken from a node that is drained: what the role places can be ended there. */
  leaves: boolean;
  /** What only the next `up` does when nodes get or lose the role: the label alone brings what runs once on each. */
  followedBy?: string;
}

const table = {
  control: {
    places: 'the APIs and their workers, the databases, the message broker and the front door',
    label: 'gantry.org/control',
    usual: true,
    // How many instances there are follows from this role, and one of three takes its data with it.
    leaves: false,
    followedBy: 'instances follow the number of control nodes',
  },
  compute: {
    places: 'servers: libvirt, nova-compute and the switch',
    label: 'gantry.org/compute',
    usual: true,
    leaves: true,
  },
  network: {
    places:
      'gateways to the external network, conductors of bare metal, and the switch; without such nodes, compute nodes are gateways',
    label: 'gantry.org/network',
    usual: true,
    leaves: true,
    followedBy: 'gateways are on the nodes with the role network, or without any on compute nodes',
  },
  storage: {
    places:
      'volumes of Swift and OSDs of Ceph, as control nodes do, and what serves data from devices of the node',
    label: 'gantry.org/storage',
    // Devices are taken over whole: nobody gets that without asking.
    usual: false,
    leaves: true,
  },
} as const satisfies Record<string, NodeRoleTraits>;

export type NodeRole = keyof typeof table;

export const roleTraits: Readonly<Record<NodeRole, NodeRoleTraits>> = table;

export const nodeRoles = Object.keys(table) as readonly NodeRole[];

/** Roles that nodes get where nobody says which. */
export const usualRoles: readonly NodeRole[] = nodeRoles.filter((role) => table[role].usual);
