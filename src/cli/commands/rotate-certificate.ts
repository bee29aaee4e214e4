import { X509Certificate } from 'node:crypto';
import { ExitCode, GantryError } from '../../errors.ts';
import { confirm, type RotateOptions, requireSettled, settle, withRunningCloud } from '../rotate.ts';

/** HAProxy takes the new certificate up for new connections; those that are open go on with the one from before. */
export async function run(options: RotateOptions): Promise<number> {
  return withRunningCloud(options, 'certificate', async (cloud, signal) => {
    const { authority, config, facts } = cloud;
    if (authority === undefined) {
      throw new GantryError({
        code: 'rotate.given-certificate',
        whose: 'user',
        message: `the certificate of the cloud ${config.name} is one that cloud.yaml names`,
        next: `renew the files ${config.public.certificate} and ${config.public.key}, then run "gantry up"`,
      });
    }
    await requireSettled(cloud);
    const { subjectAltName, validTo } = new X509Certificate(facts.certificate.chainAndKey);
    await confirm(
      `A new certificate for ${subjectAltName}, in place of the one valid until ${validTo}.\n` +
        'HAProxy takes it up without a restart; clients that trust the authority notice nothing.',
      options,
    );
    const title = 'Putting the new certificate in force';
    const code = await settle(options, { title, signal, renewCertificate: true });
    if (code === ExitCode.done) process.stderr.write('The certificate is new.\n');
    return code;
  });
}
