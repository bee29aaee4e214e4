import type { Needs } from '../../src/model/workload.ts';

/**
 * What a program with options of oslo.config needs on the node's own network. There it has the node's host name, which is
 * the default of an option of type HostAddress: it ends where the name is none, whatever the option is set to.
 */
export const osloOnNode: Needs = { hostNetwork: true, hostNameAsAddress: true };
