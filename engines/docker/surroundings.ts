import type { Desired } from '../../src/model/desired.ts';
import type { Process } from '../../src/model/workload.ts';
import { fixedAddressProcesses, internalNetwork } from './render.ts';

/**
 * The cloud with what each container is created with that is not its own: where its ports are published, and the
 * addresses of what it reaches across the border between the node's network and the cloud's. A process that is switched
 * on replaces no container that does not reach it. Pure.
 */
export function withSurroundings(desired: Desired, addresses: Record<string, string>): Desired {
  const fixed = new Set(fixedAddressProcesses(desired.processes).map(({ name }) => name));
  const { gateway } = internalNetwork(desired.networks);
  const byName = new Map(
    desired.processes.flatMap((process) => [process.name, ...process.aliases].map((name) => [name, process])),
  );
  const addressFor = (process: Process, name: string): string | undefined => {
    const other = byName.get(name);
    if (process.needs.hostNetwork) return other && fixed.has(other.name) ? addresses[other.name] : undefined;
    return other?.needs.hostNetwork ? gateway : undefined;
  };
  const surroundingsOf = (process: Process): Record<string, string> => {
    const isPublished = !process.needs.hostNetwork && process.ports.some(({ publicPort }) => publicPort);
    const isForServers = isPublished && process.ports.some(({ forServers }) => forServers);
    const known = process.reaches.flatMap((name): [string, string][] => {
      const address = addressFor(process, name);
      return address === undefined ? [] : [[`the address of ${name}`, address]];
    });
    return {
      ...(isPublished ? { 'the public address': desired.publicAddress } : {}),
      ...(isForServers && desired.serversAddress !== undefined
        ? { 'where servers reach it': desired.serversAddress }
        : {}),
      ...Object.fromEntries(known),
    };
  };
  return {
    ...desired,
    processes: desired.processes.map((process) => {
      const surroundings = surroundingsOf(process);
      return Object.keys(surroundings).length === 0 ? process : { ...process, surroundings };
    }),
  };
}
