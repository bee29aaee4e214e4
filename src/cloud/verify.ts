import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { nthAddress } from '../model/cidr.ts';
import { administrator } from '../model/cloud-users.ts';
import { Skip } from '../openstack/flow.ts';
import { runOverSsh } from '../openstack/ssh.ts';
import { loadPurges } from '../resolve/purges.ts';
import { loadChecks } from '../verify/load.ts';
import type { VerifyResult } from '../verify/options.ts';
import { runVerify } from '../verify/run.ts';
import { askInstance } from './ask.ts';
import type { Caller } from './caller.ts';
import { type ChangeRequest, changeRunning, type Ended } from './change.ts';
import type { Cloud, OpenOptions } from './cloud.ts';
import type { Configured } from './configured.ts';
import { writeDemoKey } from './demo.ts';
import { externalNetwork, warnOfUnattached } from './external-network.ts';
import { guestSource } from './guest.ts';
import { requireImage } from './images.ts';
import { loginOf } from './registry.ts';
import { explainServer } from './servers.ts';
import { openPublicSession } from './session.ts';

export interface VerifyRequest {
  /** Checks, with what they need; none for all. */
  checks?: readonly string[];
  keepFailed: boolean;
}

/** Uses a cloud that is up as its users do. It may be changed meanwhile: that users must not notice. */
export async function verify(
  configured: Configured,
  { checks = [], keepFailed }: VerifyRequest,
  caller: Caller,
): Promise<Ended & { verified: VerifyResult }> {
  const request: ChangeRequest & OpenOptions = {
    command: 'gantry verify',
    shared: true,
    extraImages: ['guest'],
  };
  return changeRunning(configured, request, caller, async (run, cloud) => {
    const { emit, signal } = run;
    warnOfUnattached(cloud, emit);
    await requireImage(cloud, 'guest', run);
    const keyFile = await writeDemoKey(cloud);
    const verified = await runVerify(
      {
        id: randomBytes(3).toString('hex'),
        password: randomBytes(18).toString('base64url'),
        open: () => openPublicSession(cloud, administrator, signal),
        services: await loadChecks(cloud.root, cloud.services),
        purges: await loadPurges(cloud.root, cloud.services),
        serviceTypes: cloud.desired.endpoints.map(({ type }) => type),
        external: externalNetwork(cloud),
        subnet: verifySubnet(cloud.config.network.tenant.subnet),
        image: await guestSource(cloud),
        publicKey: cloud.secrets.get('demo-key.pub'),
        runOnServer: (address, command, abort) =>
          runOverSsh({ user: 'gantry', address, keyFile }, command, abort),
        ping,
        registry: loginOf(cloud),
        dashboard: cloud.desired.dashboard,
        ask: (process, command, limitMs) =>
          askInstance(cloud.engine, cloud.config.name, { instance: `${process}.0`, command, limitMs }),
        explain: (id) => explain(cloud, id, signal),
        wanted: checks,
        keepFailed,
      },
      emit,
    );
    return { result: signal.aborted ? 'interrupted' : verified.ok ? 'done' : 'failed', verified };
  });
}

/** Tenants' ranges may overlap each other: the run's own network is no one else's, so the demo's will do. */
function verifySubnet(tenant: string): string {
  return `${nthAddress(tenant, 0)}/${tenant.split('/')[1]}`;
}

async function ping(address: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)('ping', ['-n', '-c', '1', '-W', '2', address], { signal });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    throw new Skip('this machine has no ping program (apt-get install iputils-ping)');
  }
}

async function explain(cloud: Cloud, id: string, signal: AbortSignal): Promise<string> {
  const admin = await openPublicSession(cloud, administrator, signal);
  try {
    return (await explainServer(cloud, admin, id)).text;
  } finally {
    await admin.close();
  }
}
