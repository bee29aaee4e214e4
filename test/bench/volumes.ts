/**
 * Volumes of the demo's server, in the cloud that is up on this machine's Docker Engine: until one is there, until the guest
 * has it, and how long it takes to write to it, against the server's own disk.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { removeAndWait, volumes } from '../../src/openstack/block-storage.ts';
import { servers } from '../../src/openstack/compute.ts';
import type { Session } from '../../src/openstack/session.ts';
import { waitFor } from '../../src/openstack/wait.ts';
import { median } from './comparison.ts';
import { logIn, say } from './up-cloud.ts';

const TURNS = 5;
const NAME = 'gantry-bench';
const DISK = 'vdb';
const POLL_MS = 50;
const LIMIT_MS = 60_000;
const WRITTEN_MIB = 64;

export async function benchVolumes(gantry: string, print: (line: string) => void): Promise<void> {
  const login = (await say(gantry, 'demo', '--progress', 'plain')).trim().split('\n').at(-1) ?? '';
  const inGuest = async (script: string) =>
    (await promisify(execFile)('sh', ['-c', `${login} "$1"`, 'sh', script])).stdout;
  const session = await logIn(gantry, 'demo');
  try {
    const server = await servers.find(session, { name: 'demo' });
    if (!server) throw new Error('the demo has no server');
    const seconds: Record<string, number[]> = {};
    const note = (what: string, value: number) => {
      seconds[what] = [...(seconds[what] ?? []), value];
    };
    for (let turn = 0; turn < TURNS; turn++) await measure(session, server.id, inGuest, note);
    print('| What | Median | Least and most |');
    print('|---|---|---|');
    for (const [what, values] of Object.entries(seconds)) {
      const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((one) =>
        one.toFixed(2),
      );
      print(`| ${what} | ${middle} s | ${least} to ${most} s |`);
    }
  } finally {
    await session.close();
  }
}

async function measure(
  session: Session,
  server: string,
  inGuest: (script: string) => Promise<string>,
  note: (what: string, seconds: number) => void,
): Promise<void> {
  const since = stopwatch();
  const { id } = await volumes.create(session, { name: NAME, size: 1 });
  try {
    await waitForStatus(session, id, 'available');
    note('a volume of 1 GiB, from the request to `available`', since());
    // The guest looks all the time: how long a login takes is not measured.
    const seen = inGuest(`until grep -q ${DISK} /proc/partitions; do usleep 50000; done`);
    await session.clock.sleep(2000, session.signal);
    const sinceAsked = stopwatch();
    await attachments(session, server, 'POST', '', { volumeAttachment: { volumeId: id } });
    await seen;
    note('attached, from the request to the disk in the guest', sinceAsked());
    await waitForStatus(session, id, 'in-use');
    note(`${WRITTEN_MIB} MiB written to the volume`, await writing(inGuest, `doas dd of=/dev/${DISK}`));
    note(`${WRITTEN_MIB} MiB written to the server's own disk`, await writing(inGuest, `dd of=${NAME}`));
    await inGuest(`rm ${NAME}`);
    await attachments(session, server, 'DELETE', `/${id}`);
    await waitForStatus(session, id, 'available');
  } finally {
    await removeAndWait(session, 'volume', id);
  }
}

/** Seconds by the guest's own clock, of which a hundredth is the smallest part, until all of it is on the disk. */
async function writing(inGuest: (script: string) => Promise<string>, dd: string): Promise<number> {
  const said = await inGuest(
    `cat /proc/uptime; ${dd} if=/dev/zero bs=1M count=${WRITTEN_MIB} conv=fsync 2>/dev/null; cat /proc/uptime`,
  );
  const [begun = Number.NaN, ended = Number.NaN] = said
    .trim()
    .split('\n')
    .map((line) => Number.parseFloat(line));
  return ended - begun;
}

/** https://docs.openstack.org/api-ref/compute/#servers-with-volume-attachments-servers-os-volume-attachments */
async function attachments(
  session: Session,
  server: string,
  method: 'POST' | 'DELETE',
  path: string,
  json?: object,
): Promise<void> {
  await session.request('compute', method, `/servers/${server}/os-volume_attachments${path}`, {
    ...(json ? { json } : {}),
  });
}

async function waitForStatus(session: Session, id: string, wanted: string): Promise<void> {
  await waitFor<true>({
    failure: `volume ${id} was not ${wanted}`,
    limitMs: LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const { status } = await volumes.get(session, id);
      return status === wanted ? { done: true } : { waiting: status };
    },
    signal: session.signal,
    clock: session.clock,
  });
}

function stopwatch(): () => number {
  const began = performance.now();
  return () => (performance.now() - began) / 1000;
}
