import type { Port } from '../../../src/model/workload.ts';

/** A protocol in Kubernetes' own words. */
export function protocolOf({ protocol = 'tcp' }: Pick<Port, 'protocol'>): 'TCP' | 'UDP' {
  return protocol === 'udp' ? 'UDP' : 'TCP';
}
