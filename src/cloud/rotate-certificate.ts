import { X509Certificate } from 'node:crypto';
import { GantryError } from '../errors.ts';
import { type Caller, inform } from './caller.ts';
import type { Ended } from './change.ts';
import type { Configured } from './configured.ts';
import { putInForce, requireUpToDate, rotateIn } from './rotate.ts';

/** HAProxy takes the new certificate up for new connections; those that are open go on with the one from before. */
export async function rotateCertificate(configured: Configured, caller: Caller): Promise<Ended> {
  return rotateIn(configured, 'certificate', caller, async (run, cloud) => {
    const { authority, config, facts } = cloud;
    if (authority === undefined) {
      throw new GantryError({
        code: 'rotate.given-certificate',
        whose: 'user',
        message: `the certificate of the cloud ${config.name} is one that cloud.yaml names`,
        next: `renew the files ${config.public.certificate} and ${config.public.key}, then run "gantry up"`,
      });
    }
    await requireUpToDate(cloud);
    const { subjectAltName, validTo } = new X509Certificate(facts.certificate.chainAndKey);
    await run.confirm({
      kind: 'rotate',
      text:
        `A new certificate for ${subjectAltName}, in place of the one valid until ${validTo}.\n` +
        'HAProxy takes it up without a restart; clients that trust the authority notice nothing.',
    });
    const ended = await putInForce('Putting the new certificate in force', run, { renewCertificate: true });
    if (ended.result === 'done') inform(run.emit, 'The certificate is new.');
    return ended;
  });
}
