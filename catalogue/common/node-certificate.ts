/**
 * Certificates by which compute nodes and those who connect to their hypervisors know each other. Nodes come and go
 * without Gantry, so each makes its own, when it starts, with the key of an authority for nothing else.
 */

import { type CloudFacts, type RenderContext, spansNodes } from '../../src/model/context.ts';
import type { SecretNeed } from '../../src/model/declaration.ts';
import { file } from '../../src/model/make.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

const SECRET = 'compute-authority';
const SCRIPT = `${CONFIG_DIR}/make-node-certificate`;

/** The secret behind the certificates; none on a cloud of one node, where nothing leaves the node. */
export function nodeCertificateSecrets(facts: CloudFacts): SecretNeed[] {
  return spansNodes(facts) ? [{ name: SECRET, kind: 'ec-p256' }] : [];
}

/** What makes the certificate in a container: the key of the authority, and a script. */
export function nodeCertificateFiles(context: RenderContext, gid: number): RenderedFile[] {
  if (!spansNodes(context)) return [];
  return [
    file(`${CONFIG_DIR}/compute-authority.pem`, context.secret(SECRET), { gid }),
    file(SCRIPT, script, { gid, secret: false }),
  ];
}

/**
 * A shell command that makes `ca-cert.pem`, `cert.pem` and `key.pem` in a directory, for the node's name and, where the engine says
 * it, its address; good for both sides of a connection.
 */
export function makeNodeCertificate(directory: string): string {
  return `bash ${SCRIPT} ${directory}`;
}

/**
 * All copies of the authority's certificate have the same name and key, which is all that decides whether a
 * certificate was signed by it: so there is no certificate to hand out, and none to expire before the key does.
 */
const script = `#!/bin/bash
set -eu
umask 077
mkdir -p "$1"
cd "$1"
authority=${CONFIG_DIR}/compute-authority.pem
name=\${GANTRY_NODE_NAME:-$(uname -n)}
openssl req -x509 -new -sha256 -days 7300 -key "$authority" -subj '/CN=Gantry compute' -out ca-cert.pem \\
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj "/CN=\${name:0:64}" -out request.pem 2>/dev/null
names=DNS:$name\${GANTRY_NODE_ADDRESS:+,IP:$GANTRY_NODE_ADDRESS}
printf '%s\\n' "subjectAltName=$names" basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \\
  extendedKeyUsage=serverAuth,clientAuth > extensions
openssl x509 -req -sha256 -days 3650 -in request.pem -CA ca-cert.pem -CAkey "$authority" -extfile extensions -out cert.pem 2>/dev/null
rm request.pem extensions
`;
