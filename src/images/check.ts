import type Docker from 'dockerode';
import { GantryError, messageOf } from '../errors.ts';
import { userOf } from '../model/users.ts';
import { auditScript, parseFindings, secretVariables } from './audit.ts';
import { isMissing } from './engine-stream.ts';
import { type Image, imageLabels } from './image.ts';
import { type ProbeContainer, type ProbeOptions, startProbe } from './probe-container.ts';

/** One promise about an image, and whether it holds. */
export interface Check {
  name: string;
  passed: boolean;
  /** What was seen: a version, or why it failed. */
  detail: string;
}

export interface ImageReport {
  image: string;
  passed: boolean;
  checks: Check[];
}

/** A cold Python program on a busy machine takes seconds. */
const programSeconds = 60;

/**
 * Runs an image and looks into it: its programs start as its user, tini is the first process, nothing in it is
 * secret, writable for everyone, privileged or out of date. Throws `image.not-built` where it is not there.
 */
export async function testImage(
  docker: Docker,
  image: Pick<Image, 'name' | 'reference' | 'user' | 'programs' | 'capabilities'>,
  signal?: AbortSignal,
): Promise<ImageReport> {
  const settings = await checkSettings(docker, image);
  signal?.throwIfAborted();
  const { user, capabilities } = image;
  const probes = [
    inProbe(docker, image.reference, { user: userOf(user), capabilities }, (probe) =>
      checkPrograms(probe, image, signal),
    ),
    inProbe(docker, image.reference, { user: '0:0', capabilities: ['DAC_READ_SEARCH'] }, checkFiles),
  ];
  // Each removes its container, also when the other one was interrupted.
  await Promise.allSettled(probes);
  const checks = [...settings, ...(await Promise.all(probes)).flat()];
  return { image: image.name, passed: checks.every((check) => check.passed), checks };
}

async function checkSettings(docker: Docker, image: Pick<Image, 'name' | 'reference'>): Promise<Check[]> {
  let config: Docker.ImageInspectInfo['Config'];
  try {
    config = (await docker.getImage(image.reference).inspect()).Config;
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    throw new GantryError({
      code: 'image.not-built',
      whose: 'user',
      message: `Image ${image.name} is not built`,
      next: `gantry images build ${image.name}`,
      cause: thrown,
    });
  }
  const secrets = secretVariables(config.Env ?? []);
  const unlabelled = [imageLabels.version, imageLabels.hash].filter((label) => !config.Labels?.[label]);
  return [
    verdict('no secret in its environment', secrets.length === 0, secrets.join(', ')),
    verdict('has its labels', unlabelled.length === 0, unlabelled.map((label) => `no ${label}`).join(', ')),
  ];
}

async function inProbe(
  docker: Docker,
  reference: string,
  options: ProbeOptions,
  check: (probe: ProbeContainer) => Promise<Check[]>,
): Promise<Check[]> {
  let probe: ProbeContainer;
  try {
    probe = await startProbe(docker, reference, options);
  } catch (thrown) {
    return [verdict(`starts as ${options.user}`, false, messageOf(thrown))];
  }
  try {
    return await check(probe);
  } finally {
    await probe.remove();
  }
}

async function checkPrograms(
  probe: ProbeContainer,
  image: Pick<Image, 'user' | 'programs'>,
  signal: AbortSignal | undefined,
): Promise<Check[]> {
  const first = await probe.run(['cat', '/proc/1/comm'], programSeconds);
  const ids = await probe.run(['sh', '-c', 'echo "$(id -u):$(id -g) $(id -un)"'], programSeconds);
  const user = `${userOf(image.user)} ${image.user}`;
  const checks = [
    verdict('tini is the first process', first.output === 'tini', first.output),
    verdict(`runs as ${image.user}`, ids.output === user, ids.output),
  ];
  for (const program of image.programs) {
    signal?.throwIfAborted();
    const { code, output } = await probe.run(program, programSeconds);
    const passed = code === 0 && output !== '';
    const detail = passed ? (output.split(/\r?\n/)[0] ?? '') : `exit code ${code}: ${output.slice(-500)}`;
    checks.push(verdict(program.join(' '), passed, detail));
  }
  return checks;
}

async function checkFiles(probe: ProbeContainer): Promise<Check[]> {
  const { code, output } = await probe.run(['sh', '-c', auditScript], 300);
  if (code > 1) return [verdict('files can be audited', false, output.slice(-500))];
  const findings = parseFindings(output);
  const kinds = {
    'set-uid': 'no set-uid program but sudo',
    'world-writable': 'nothing writable for everyone',
    'private-key': 'no private key',
    password: 'no password',
    'secret-file': 'no file known to be secret',
    stale: 'nothing that Python would compile or look for at every start',
  } as const;
  return Object.entries(kinds).map(([kind, name]) => {
    const details = findings.filter((finding) => finding.kind === kind).map(({ detail }) => detail);
    return verdict(name, details.length === 0, details.slice(0, 10).join(', '));
  });
}

function verdict(name: string, passed: boolean, detail: string): Check {
  return { name, passed, detail };
}
