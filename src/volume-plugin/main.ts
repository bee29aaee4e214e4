import { mkdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { systemClock } from '../openstack/clock.ts';
import { openSession, type Session } from '../openstack/session.ts';
import { openCloud } from './cloud.ts';
import { containersAt } from './containers.ts';
import { checkPrivate, parseCredential } from './credential.ts';
import { CinderDriver, mountedBelow } from './driver.ts';
import { FormatMarks } from './format-marks.ts';
import { openHost } from './host.ts';
import { KnownVolumes } from './known.ts';
import { failure, inOneLine } from './problem.ts';
import { serve, type VolumeDriver } from './protocol.ts';
import { parseSettings, type Settings } from './settings.ts';
import { Turns } from './turns.ts';

/** The program that Docker calls for volumes in Cinder; started by systemd, which hands over the socket. */
const SETTINGS = '/etc/gantry/volume-plugin.yaml';
const SOCKET = '/run/docker/plugins/cinder.sock';
const DOCKER = '/run/docker.sock';
const DIRECTORY = '/var/lib/gantry-volumes';
/** Nova has a server's id there, by QEMU's firmware (libvirt's <uuid>). */
const FIRMWARE_ID = '/sys/class/dmi/id/product_uuid';
/** The first of those that systemd hands over: sd_listen_fds(3). */
const HANDED_OVER = 3;
const TIDY_MS = 30_000;
const ERROR_OUTPUT = 2;

function log(text: string): void {
  writeSync(ERROR_OUTPUT, `${text}\n`);
}

function readSettings(): Settings {
  try {
    return parseSettings(SETTINGS, readFileSync(SETTINGS, 'utf8'));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return parseSettings(SETTINGS, '');
  }
}

/** The credential is read at each login, so that a new one needs no start. */
async function logIn({ credentials, cloud }: Settings): Promise<Session> {
  checkPrivate(credentials, statSync(credentials));
  const {
    authUrl,
    id,
    secret,
    region,
    interface: side,
    caFile,
  } = parseCredential(credentials, readFileSync(credentials, 'utf8'), cloud);
  return openSession({
    authUrl,
    user: `application credential ${id}`,
    applicationCredential: id,
    password: secret,
    region,
    interface: side,
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
  });
}

function readServerId(): string {
  try {
    return readFileSync(FIRMWARE_ID, 'utf8').trim().toLowerCase();
  } catch (thrown) {
    throw failure(
      'no-server',
      `this server's id at Nova is not known: "server" of ${SETTINGS} can say it`,
      messageOf(thrown),
    );
  }
}

async function openDriver(): Promise<CinderDriver> {
  const settings = readSettings();
  // Without it there are no volumes, which Docker may know.
  if (!statSync(settings.credentials, { throwIfNoEntry: false })) {
    throw failure('no-credential', `the plugin has no credential: there is no ${settings.credentials}`);
  }
  const server = settings.server ?? readServerId();
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o711 });
  const known = new KnownVolumes(join(DIRECTORY, 'known.json'));
  await known.load();
  const host = openHost();
  return new CinderDriver({
    cloud: openCloud(() => logIn(settings)),
    host,
    mountedBefore: mountedBelow(DIRECTORY, await host.mounts()),
    containers: containersAt(DOCKER),
    known,
    turns: new Turns(),
    marks: new FormatMarks(join(DIRECTORY, 'formatting')),
    clock: systemClock,
    server,
    preempt: settings.preempt,
    defaults: settings.defaults,
    directory: DIRECTORY,
    log,
  });
}

let opened: Promise<CinderDriver> | undefined;
/** Tried again at each call where it failed: settings and credential may come after the server's start. */
function driver(): Promise<CinderDriver> {
  opened ??= openDriver().catch((thrown) => {
    opened = undefined;
    throw thrown;
  });
  return opened;
}

const whenOpen: VolumeDriver = {
  create: async (...given) => (await driver()).create(...given),
  remove: async (...given) => (await driver()).remove(...given),
  mount: async (...given) => (await driver()).mount(...given),
  unmount: async (...given) => (await driver()).unmount(...given),
  path: async (...given) => (await driver()).path(...given),
  get: async (...given) => (await driver()).get(...given),
  list: async (...given) => (await driver()).list(...given),
};

const server = serve(whenOpen, ({ path, name, milliseconds, problem }) =>
  log([path, name, `${milliseconds} ms`, problem].filter((part) => part).join(' ')),
);
if (process.env.LISTEN_PID === String(process.pid)) {
  server.listen({ fd: HANDED_OVER });
} else {
  mkdirSync(dirname(SOCKET), { recursive: true });
  rmSync(SOCKET, { force: true });
  server.listen(SOCKET);
}

let isTidying = false;
setInterval(async () => {
  if (isTidying || !opened) return;
  isTidying = true;
  try {
    await (await opened).tidy();
  } catch (thrown) {
    log(`what nobody has any more was not looked for: ${inOneLine(thrown)}`);
  } finally {
    isTidying = false;
  }
}, TIDY_MS);
