import type { EngineFacts } from '../engine/engine.ts';
import type { PrivateFiles } from '../secrets/files.ts';
import { type AddressedConfig, certificateNames } from './facts.ts';

/** The certificate of the public endpoints: the one that cloud.yaml names, else one of the cloud's own authority. */
export async function openCertificate(
  config: AddressedConfig,
  engine: EngineFacts,
  files: PrivateFiles,
  renew: boolean,
) {
  const { address, hostname, certificate, key } = config.public;
  const clock = (): Date => new Date();
  if (certificate && key) {
    const { loadGivenCertificate } = await import('../secrets/given-certificate.ts');
    const given = loadGivenCertificate({
      certificatePath: certificate,
      keyPath: key,
      host: hostname ?? address,
      clock,
    });
    return { authority: undefined, certificate: { chainAndKey: given.chain + given.key, authority: '' } };
  }
  const { ensureAuthority, ensureCertificate, renewCertificate } = await import('../secrets/authority.ts');
  const authority = await ensureAuthority(files, clock);
  const names = certificateNames(config, engine);
  const obtain = renew ? renewCertificate : ensureCertificate;
  const issued = await obtain(files, { authority, names, clock });
  return {
    authority: authority.certificate,
    certificate: { chainAndKey: issued.chain + issued.key, authority: authority.certificate },
  };
}
