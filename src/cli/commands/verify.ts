import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type Cloud, openRunningCloud } from '../../cloud/cloud.ts';
import { guestSource } from '../../cloud/guest.ts';
import { explainServer } from '../../cloud/servers.ts';
import { openPublicSession } from '../../cloud/session.ts';
import { ExitCode, usageError } from '../../errors.ts';
import { nthAddress } from '../../model/cidr.ts';
import { administrator } from '../../model/cloud-users.ts';
import { Skip } from '../../openstack/flow.ts';
import { runOverSsh } from '../../openstack/ssh.ts';
import type { VerifyResult } from '../../verify/options.ts';
import { runVerify } from '../../verify/run.ts';
import { writeDemoKey } from '../demo.ts';
import { createFlowDisplay } from '../flow-display.ts';
import { requireImage } from '../images.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';
import { formatTable } from '../table.ts';

export async function run(
  options: GlobalOptions & { output: string; tempest?: string | true; keepFailed?: boolean },
): Promise<number> {
  if (options.tempest !== undefined) {
    if (options.keepFailed) throw usageError("--keep-failed is for verify's own checks, not for --tempest");
    const { verifyWithTempest } = await import('../tempest.ts');
    return verifyWithTempest({ ...options, tests: options.tempest === true ? 'smoke' : options.tempest });
  }
  const signal = interruptSignal();
  const cloud = await openRunningCloud(options, ['guest']);
  await requireImage(cloud, 'guest', options, signal);
  const keyFile = await writeDemoKey(cloud);
  const registered = cloud.desired.tasks.flatMap((task) => task.action.endpoints.map(({ type }) => type));
  const result = await runVerify(
    {
      id: randomBytes(3).toString('hex'),
      password: randomBytes(18).toString('base64url'),
      open: () => openPublicSession(cloud, administrator, signal),
      serviceTypes: ['identity', ...registered],
      external: cloud.config.network.external,
      subnet: verifySubnet(cloud.config.network.tenant.subnet),
      image: await guestSource(cloud),
      publicKey: cloud.secrets.get('demo-key.pub'),
      runOnServer: (address, command, abort) =>
        runOverSsh({ user: 'gantry', address, keyFile }, command, abort),
      ping,
      explain: (id) => explain(cloud, id, signal),
      keepFailed: options.keepFailed ?? false,
    },
    createFlowDisplay(options.progress, process.stderr),
  );
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(result, null, 2)}\n` : describe(result));
  if (signal.aborted) return ExitCode.interrupted;
  return result.ok ? ExitCode.done : ExitCode.failed;
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

function describe({ checks, ladder, leftBehind, kept, ok }: VerifyResult): string {
  const rows = checks.map(({ name, result, seconds, detail, error }) => [
    name,
    result,
    seconds.toFixed(1),
    detail.split('\n')[0] || (error?.message ?? ''),
  ]);
  const left = leftBehind.length > 0 ? `\nLeft behind: ${leftBehind.join('; ')}\n` : '';
  const keeping = kept === undefined ? '' : `\nKept to look at: project, user, network and server ${kept}\n`;
  const failed = checks.filter((check) => check.result === 'failed').length;
  const summary = ok
    ? 'The cloud does what its users expect.'
    : `${failed} of ${checks.length} checks failed.`;
  const explained = ladder === undefined ? '' : `\nThe server, from the hypervisor up:\n${ladder}\n`;
  return `${formatTable(['CHECK', 'RESULT', { title: 'SECONDS', spare: 1 }, { title: 'WHAT WAS SEEN', wraps: true }], rows)}\n${explained}${left}${keeping}\n${summary}\n`;
}
