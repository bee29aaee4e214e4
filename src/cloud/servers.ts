import type { Session } from '../openstack/session.ts';
import { networkDriverOf } from '../resolve/enabled.ts';
import { describeDomain } from '../servers/domain.ts';
import type { Evidence } from '../servers/evidence.ts';
import { gatherEvidence } from '../servers/gather.ts';
import { askHypervisors, type Hypervisor, stoppedServers } from '../servers/hypervisors.ts';
import { climb, formatLadder, type Rung } from '../servers/ladder.ts';
import type { Cloud } from './cloud.ts';
import { taken } from './taken.ts';

/** What every hypervisor of the cloud says of its servers. */
export async function lookAtServers({
  engine,
  desired,
  look,
}: Pick<Cloud, 'engine' | 'desired' | 'look'>): Promise<Hypervisor[]> {
  const { cloud, hypervisor } = desired;
  if (!hypervisor) return [];
  const { instances } = await look();
  return askHypervisors({ engine, cloud, hypervisor }, instances);
}

/** A line for each server that its hypervisor has stopped by itself, with what tells more. */
export function describeStopped(hypervisors: readonly Hypervisor[]): string[] {
  return stoppedServers(hypervisors).map((domain) => {
    const where = domain.node === undefined ? '' : ` on ${domain.node}`;
    return `server ${domain.name ?? domain.id}${where} is ${describeDomain(domain)} -> gantry explain server ${domain.id}`;
  });
}

/** Everything that a server needs before it answers, as it is now. */
export async function explainServer(
  cloud: Pick<Cloud, 'config' | 'engine' | 'desired' | 'services'>,
  admin: Session,
  id: string,
): Promise<{ evidence: Evidence; rungs: Rung[]; text: string }> {
  const { config, engine, desired, services } = cloud;
  const traces = {
    compute: taken(desired, 'compute'),
    hypervisor: taken(desired, 'hypervisor'),
    network: networkDriverOf(services, config).traces,
    ...(desired.blockStorage ? { volumes: desired.blockStorage } : {}),
  };
  const { instances } = await engine.observe({ cloud: desired.cloud, ledger: desired.ledger });
  const evidence = await gatherEvidence({ admin, engine, cloud: desired.cloud, instances, traces }, id);
  const rungs = climb(evidence, traces);
  return { evidence, rungs, text: formatLadder(rungs, evidence) };
}
