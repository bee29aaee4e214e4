import type { Desired } from '../model/desired.ts';
import type { Finding } from '../model/finding.ts';

/** Where servers reach the ports that are for them, if there are any. Pure. */
export function checkServersWay({
  processes,
  publicAddress,
  serversAddress,
}: Pick<Desired, 'processes' | 'publicAddress' | 'serversAddress'>): Finding[] {
  const ports = processes.flatMap((process) => process.ports.filter(({ forServers }) => forServers));
  if (ports.length === 0) return [];
  const check = 'way for servers';
  const named = `port ${ports.map(({ publicPort }) => publicPort).join(' and ')}`;
  if (serversAddress !== undefined) {
    const message = `servers call the cloud at ${serversAddress}, the gateway of the external network: ${named} alone`;
    return [{ check, level: 'ok', message }];
  }
  if (!publicAddress.startsWith('127.')) {
    return [{ check, level: 'ok', message: `servers call the cloud at its public address, ${named}` }];
  }
  return [
    {
      check,
      level: 'warning',
      message: `servers do not reach ${named} at ${publicAddress}, which is their own loopback to them`,
      next: 'Set public.address in cloud.yaml to an address that servers reach by the external network.',
    },
  ];
}
