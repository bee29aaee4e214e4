import { isIP } from 'node:net';
import type { CloudConfig } from '../config/schema.ts';
import type { EngineFacts } from '../engine/engine.ts';
import { GantryError } from '../errors.ts';
import type { CloudFacts } from '../model/context.ts';
import type { CertificateNames } from '../secrets/authority.ts';

/** cloud.yaml with the public address that the engine decides where it does not say. */
export type AddressedConfig = CloudConfig & { public: CloudConfig['public'] & { address: string } };

/** Where users reach the cloud; undefined before the engine knows, such as before any node has a role. */
export function publicAddress(config: CloudConfig, { publicAddresses }: EngineFacts): string | undefined {
  return config.public.address ?? publicAddresses[0];
}

/** Throws `cloud.no-control-node` or `cloud.no-public-address`. */
export function decideAddress(config: CloudConfig, engineFacts: EngineFacts): AddressedConfig {
  const address = publicAddress(config, engineFacts);
  if (address !== undefined) return { ...config, public: { ...config.public, address } };
  if (engineFacts.controlNodes === 0) {
    throw new GantryError({
      code: 'cloud.no-control-node',
      whose: 'user',
      message: 'no node is there for the control processes',
      why: 'No node has the role control; where none has any role, no node takes pods yet.',
      next: 'give a node that role with "gantry label-nodes NAME --role control"; "kubectl get nodes" shows which are ready',
    });
  }
  throw new GantryError({
    code: 'cloud.no-public-address',
    whose: 'user',
    message: 'where users reach the cloud is not known',
    next: 'set public.address in cloud.yaml',
  });
}

/**
 * Where servers reach what is published for them, where the public address is this machine's loopback, which is theirs to
 * them: at the gateway of the external network, if the engine makes that.
 */
export function serversAddress(
  { public: { address }, network }: Pick<AddressedConfig, 'public' | 'network'>,
  { hasExternalGateway }: Pick<EngineFacts, 'hasExternalGateway'>,
): string | undefined {
  return address.startsWith('127.') && hasExternalGateway ? network.external.gateway : undefined;
}

/** What clients may call the public side. One that is told an address looks for an address in the certificate. */
export function certificateNames(
  config: Pick<AddressedConfig, 'public' | 'network'>,
  engine: Pick<EngineFacts, 'publicAddresses' | 'hasExternalGateway'>,
): CertificateNames {
  const { address, hostname } = config.public;
  const forServers = serversAddress(config, engine);
  const others = [address, ...engine.publicAddresses, '127.0.0.1', ...(forServers ? [forServers] : [])];
  if (hostname === undefined || isIP(hostname)) {
    return { dns: ['localhost'], ip: [...new Set([...(hostname ? [hostname] : []), ...others])] };
  }
  return { dns: ['localhost', hostname], ip: [...new Set(others)] };
}

export function cloudFacts(
  config: AddressedConfig,
  engine: EngineFacts,
  certificate: CloudFacts['certificate'],
): CloudFacts {
  const { tenant, external } = config.network;
  const { subnet, gateway, pool } = external;
  return {
    cloud: config.name,
    region: config.region,
    release: config.release,
    publicAddress: config.public.address,
    publicHost: config.public.hostname ?? config.public.address,
    serversAddress: serversAddress(config, engine),
    publicPorts: config.public.ports,
    debug: config.debug,
    cores: engine.cores,
    controlNodes: engine.controlNodes,
    networkNodes: engine.networkNodes,
    domain: engine.domain,
    instanceDomain: engine.instanceDomain,
    nameServers: tenant.dns.length > 0 ? tenant.dns : engine.nameServers,
    external: { subnet, gateway, pool },
    certificate,
  };
}
