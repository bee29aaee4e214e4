/** The cloud that is up on this machine, whose cloud.yaml is in this directory, as `gantry` tells of it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { entryName, type UserName } from '../../src/model/cloud-users.ts';
import { openSession, type Session, type SessionOptions } from '../../src/openstack/session.ts';

interface Entry {
  region_name: string;
  interface: SessionOptions['interface'];
  cacert?: string;
  auth: { auth_url: string; username: string; password: string; project_name: string };
}

/** Runs a command of it; resolves to what it prints. */
export async function say(gantry: string, ...words: string[]): Promise<string> {
  return (await promisify(execFile)(gantry, words)).stdout;
}

/** Logs in as one of its users, by the file that `gantry env` wrote. */
export async function logIn(gantry: string, user: UserName, signal?: AbortSignal): Promise<Session> {
  const environment = await say(gantry, 'env');
  const said = (name: string) =>
    new RegExp(`^export ${name}='?([^'\\n]+)'?$`, 'm').exec(environment)?.[1] ?? '';
  return openEntry(said('OS_CLIENT_CONFIG_FILE'), entryName(said('OS_CLOUD'), user), signal);
}

/** Logs in with an entry of such a file. Throws where it has none of that name. */
export async function openEntry(file: string, name: string, signal?: AbortSignal): Promise<Session> {
  const { clouds } = parse(await readFile(file, 'utf8')) as { clouds: Record<string, Entry> };
  const entry = clouds[name];
  if (entry === undefined) throw new Error(`${file} has no entry ${name}`);
  const { auth, cacert } = entry;
  return openSession({
    authUrl: auth.auth_url,
    ...(cacert === undefined ? {} : { ca: await readFile(cacert, 'utf8') }),
    user: auth.username,
    password: auth.password,
    project: auth.project_name,
    interface: entry.interface,
    region: entry.region_name,
    ...(signal ? { signal } : {}),
  });
}
