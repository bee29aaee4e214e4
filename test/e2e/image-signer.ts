// @peculiar/x509 injects its parts through tsyringe, which needs this polyfill to be there first.
import 'reflect-metadata';
import { constants, createPrivateKey, type KeyObject, sign, webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const HOUR = 60 * 60 * 1000;

/** Signs images as Glance verifies them: https://docs.openstack.org/glance/latest/user/signature.html */
export class ImageSigner {
  private constructor(
    /** PEM of the certificate, which Glance takes from the key manager. */
    readonly certificate: string,
    private readonly key: KeyObject,
  ) {}

  static async create(): Promise<ImageSigner> {
    const keys = await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=signer',
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + HOUR),
      keys,
      signingAlgorithm: RSA,
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    return new ImageSigner(
      certificate.toString('pem'),
      createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    );
  }

  /** What an image of these bytes is made with. @param certificate its id in the key manager */
  properties(content: Buffer, certificate: string): Record<string, string> {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = constants.RSA_PSS_SALTLEN_MAX_SIGN;
    return {
      img_signature: sign('sha256', content, { key: this.key, padding, saltLength }).toString('base64'),
      img_signature_hash_method: 'SHA-256',
      img_signature_key_type: 'RSA-PSS',
      img_signature_certificate_uuid: certificate,
    };
  }
}
