import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient, type Asking, readCloudEntry } from './client.ts';
import { type Gantry, start, waitUntil } from './gantry.ts';
import type { GroupCloud } from './group-cloud.ts';

/** Service type of what keeps objects. */
export const STORE = 'object-store';

/** Makes a user with a role in a new project, and logs in; both are kept until the cloud is removed. */
export async function loginWith(gantry: Gantry, role: string, project: string): Promise<ApiClient> {
  const username = `${role.toLowerCase()}-of-${project}`;
  const password = `a-${username}-1`;
  const openstack = (...words: string[]) => gantry.output('openstack', ...words);
  await openstack('project', 'create', '--or-show', project);
  await openstack('user', 'create', '--or-show', '--password', password, username);
  await openstack('role', 'add', '--project', project, '--user', username, role);
  return ApiClient.open(gantry, { username, password, project_name: project });
}

/** A temporary URL, as its users make one. */
export function temporaryUrl(
  client: ApiClient,
  given: { method: string; path: string; key: string; seconds: number },
): string {
  const { origin, pathname } = new URL(client.endpointOf(STORE) + given.path);
  const expires = Math.floor(Date.now() / 1000) + given.seconds;
  const text = `${given.method}\n${expires}\n${pathname}`;
  const signature = createHmac('sha256', given.key).update(text).digest('hex');
  return `${origin}${pathname}?temp_url_sig=${signature}&temp_url_expires=${expires}`;
}

/** Takes a file in by OpenStack's client, as `photos/first`, and gives it back. */
export async function takeAndGiveBack(
  { gantry, directory }: Pick<GroupCloud, 'gantry' | 'directory'>,
  content: Buffer,
): Promise<Buffer> {
  const [there, back] = [join(directory, 'there'), join(directory, 'back')];
  await writeFile(there, content);
  await gantry.output('openstack', 'container', 'create', 'photos');
  await gantry.output('openstack', 'object', 'create', 'photos', there, '--name', 'first');
  await gantry.output('openstack', 'object', 'save', 'photos', 'first', '--file', back);
  return readFile(back);
}

/** Uses the store as Debian's clients of S3 and of Swift do; throws where something is not as their users expect. */
export async function runDebianClients(gantry: Gantry): Promise<void> {
  const { cacert: authority, auth: login } = await readCloudEntry(gantry);
  const made = await gantry.output('openstack', 'ec2', 'credentials', 'create', '-f', 'json');
  const { access, secret } = JSON.parse(made) as { access: string; secret: string };
  const url = new URL((await ApiClient.open(gantry)).endpointOf(STORE)).origin;
  await runDebianClient('s3', { url, authority, access, secret, region: 'RegionOne' });
  await runDebianClient('swift', {
    auth_version: '3',
    os_auth_url: login.auth_url,
    os_username: login.username,
    os_password: login.password,
    os_project_name: login.project_name,
    os_user_domain_name: 'Default',
    os_project_domain_name: 'Default',
    os_cacert: authority,
  });
}

/** Runs one of the clients of Debian (object-clients.py). */
async function runDebianClient(name: 's3' | 'swift', given: object): Promise<void> {
  const script = join(import.meta.dirname, 'object-clients.py');
  const running = start('/usr/bin/python3', [script, name], { limitMs: 120_000, input: true });
  running.child.stdin?.end(JSON.stringify(given));
  const { code, stderr } = await running.finished;
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
}

/** Puts an object where the container is there. */
export async function put(api: ApiClient, path: string, body: Buffer): Promise<number> {
  return (await api.ask('PUT', STORE, path, { body })).status;
}

/** Asks the cloud's Swift for an object that is there, all the time. */
export async function askForObject(gantry: Gantry, path: string): Promise<Asking> {
  const api = await ApiClient.open(gantry);
  return api.askAllTheTime({ type: STORE, path, openPath: '/healthcheck' });
}

/** What `gantry status` says of a device of Swift. */
export interface Device {
  id: string;
  belong: number;
  held: number;
  strays: number;
  missing: number;
  age: number | null;
  readOnly: boolean | null;
}

export async function readDevices(gantry: Gantry): Promise<Device[]> {
  const { services } = JSON.parse((await gantry.run('status', '-o', 'json')).stdout) as {
    services: { swift?: { devices: Device[] } };
  };
  return services.swift?.devices ?? [];
}

/** Waits until each of these says from now on that it has all that belongs there, and nothing else. */
export async function waitUntilWhole(gantry: Gantry, ids: string[], limitMs: number): Promise<void> {
  const began = performance.now();
  await waitUntil(`${ids.join()} whole`, limitMs, async () => {
    const devices = (await readDevices(gantry)).filter(({ id }) => ids.includes(id));
    const isWhole = ({ held, missing, strays, age, readOnly }: Device) =>
      age !== null &&
      age * 1000 < performance.now() - began &&
      held > 0 &&
      missing + strays === 0 &&
      !readOnly;
    return devices.length === ids.length && devices.every(isWhole) ? true : undefined;
  });
}
