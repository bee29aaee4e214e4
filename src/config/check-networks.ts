import { compareAddresses, containsAddress, isHostAddress, overlaps } from '../model/cidr.ts';
import { type Check, isGiven, report } from './checking.ts';
import { dotted } from './issues.ts';
import type { Path } from './source.ts';

/** Ranges that must not overlap, and what must lie inside them. */
export function checkNetworks(check: Check): void {
  checkOverlaps(check);
  checkExternal(check);
}

function checkOverlaps(check: Check): void {
  const { network } = check.config;
  const ranges = [
    { path: ['network', 'internal'], cidr: network.internal },
    { path: ['network', 'external', 'subnet'], cidr: network.external.subnet },
    { path: ['network', 'tenant', 'subnet'], cidr: network.tenant.subnet },
  ].filter(({ path }) => check.isSound(path));
  ranges.forEach((one, index) => {
    for (const other of ranges.slice(0, index)) {
      if (!overlaps(one.cidr, other.cidr)) continue;
      const [wrong, right] = isGiven(check, one.path) ? [one, other] : [other, one];
      const suffix = isGiven(check, right.path) ? '' : ', the default';
      report(
        check,
        'config.overlap',
        wrong.path,
        `${dotted(wrong.path)} ${wrong.cidr} overlaps ${dotted(right.path)} (${right.cidr}${suffix})`,
        { next: `Choose another range for ${dotted(wrong.path)} or ${dotted(right.path)}.` },
      );
    }
  });
}

function checkExternal(check: Check): void {
  const path = ['network', 'external'];
  const { subnet, gateway, pool } = check.config.network.external;
  if (!check.isSound([...path, 'subnet'])) return;
  const requireInside = (at: Path, address: string): boolean => {
    if (!check.isSound(at) || !isGiven(check, at)) return true;
    if (isHostAddress(subnet, address)) return true;
    const reason = containsAddress(subnet, address)
      ? `is the network or broadcast address of network.external.subnet (${subnet})`
      : `is outside network.external.subnet (${subnet})`;
    report(check, 'config.outside-subnet', at, `${dotted(at)} ${address} ${reason}`);
    return false;
  };
  const poolPath = [...path, 'pool'];
  const gatewayFits = requireInside([...path, 'gateway'], gateway);
  const startFits = requireInside([...poolPath, 'start'], pool.start);
  const endFits = requireInside([...poolPath, 'end'], pool.end);
  const isPoolSound = [poolPath, [...poolPath, 'start'], [...poolPath, 'end']].every(check.isSound);
  if (!isPoolSound || !startFits || !endFits) return;
  if (compareAddresses(pool.start, pool.end) > 0) {
    const message = `network.external.pool starts at ${pool.start}, after its end ${pool.end}`;
    report(check, 'config.pool-order', [...poolPath, 'start'], message);
  } else if (gatewayFits && contains(pool, gateway) && check.isSound([...path, 'gateway'])) {
    const at = isGiven(check, poolPath) ? poolPath : [...path, 'gateway'];
    const message = `network.external.pool ${pool.start} to ${pool.end} contains the gateway ${gateway}`;
    report(check, 'config.pool-gateway', at, message, { at: 'key' });
  }
}

function contains(pool: { start: string; end: string }, address: string): boolean {
  return compareAddresses(pool.start, address) <= 0 && compareAddresses(address, pool.end) <= 0;
}

/** The public side: an address users can connect to, ports used once. */
export function checkPublic(check: Check): void {
  const { address, hostname, ports } = check.config.public;
  const path = ['public', 'address'];
  if (address === '0.0.0.0' && hostname === undefined && check.isSound(['public'])) {
    report(
      check,
      'config.no-public-address',
      path,
      'public.address 0.0.0.0 is nothing users can connect to',
      {
        next: 'Give an address of this machine, or set public.hostname as well.',
      },
    );
  }
  const takenBy = new Map<number, string>();
  for (const [name, port] of Object.entries(ports)) {
    const other = takenBy.get(port);
    if (other !== undefined) {
      const message = `public.ports.${name} is port ${port}, which public.ports.${other} has already`;
      report(check, 'config.port-twice', ['public', 'ports', name], message);
    }
    takenBy.set(port, name);
  }
}
