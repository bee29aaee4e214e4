import { compareAddresses, containsAddress, isHostAddress, overlaps } from '../model/cidr.ts';
import { type Check, isGiven, report } from './checking.ts';
import { dotted } from './issues.ts';
import type { Path } from './source.ts';

/** Ranges that must not overlap, and what must lie inside them. */
export function checkNetworks(check: Check): void {
  checkOverlaps(check);
  checkTunnels(check);
  checkExternal(check);
}

/** Nodes whose switch has no module of the kernel reach each other by these addresses (catalogue/openvswitch). */
const TUNNELS = '198.18.0.0/16';

function checkTunnels(check: Check): void {
  if (check.config.engine !== 'kubernetes') return;
  for (const { path, cidr } of rangesOf(check)) {
    if (!overlaps(cidr, TUNNELS)) continue;
    const message = `${dotted(path)} ${cidr} overlaps ${TUNNELS}, which nodes use for tunnels to each other`;
    report(check, 'config.overlap', path, message);
  }
}

/** The ranges that the cloud uses; on Kubernetes its own network is the cluster's. */
function rangesOf({ config: { engine, network }, isSound }: Check): { path: string[]; cidr: string }[] {
  return [
    ...(engine === 'kubernetes' ? [] : [{ path: ['network', 'internal'], cidr: network.internal }]),
    { path: ['network', 'external', 'subnet'], cidr: network.external.subnet },
    { path: ['network', 'tenant', 'subnet'], cidr: network.tenant.subnet },
  ].filter(({ path }) => isSound(path));
}

function checkOverlaps(check: Check): void {
  const ranges = rangesOf(check);
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
