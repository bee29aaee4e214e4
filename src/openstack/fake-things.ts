import { ApiError } from './errors.ts';
import type { RequestOptions, Session } from './session.ts';

type Item = Record<string, unknown> & { id: string };

/** APIs that hold these things by the path of their collection, such as `/networks`, and remove them. */
export function fakeThings(things: Record<string, Item[]>, onRemoval: (path: string) => void = () => {}) {
  const refuse = (path: string, status: number) =>
    new ApiError({ service: 'fake', request: path, status, text: '', requestId: undefined });
  const request = async (_: string, method: string, path: string, { query = {} }: RequestOptions = {}) => {
    const name = path
      .replace(/^\/(os-)?/, '')
      .replace('/detail', '')
      .replaceAll('-', '_');
    if (method === 'DELETE') {
      const [, collection = '', id = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
      const kept = (things[collection] ?? []).filter((one) => one.id !== id);
      if (kept.length === things[collection]?.length) throw refuse(path, 404);
      things[collection] = kept;
      onRemoval(path);
      return { body: undefined };
    }
    if (method !== 'GET') return { body: {} };
    const found = things[path.replace('/detail', '')];
    if (!found && path !== '/os-keypairs') throw refuse(path, 404);
    const matching = (found ?? []).filter((one) => !query.device_id || one.device_id === query.device_id);
    return { body: { [name.split('/').at(-1) as string]: matching } };
  };
  const clock = { now: () => 0, sleep: async () => {} };
  return { session: { request, clock, signal: new AbortController().signal } as unknown as Session, things };
}

/** All that there is. */
export const idsOf = (things: Record<string, Item[]>) =>
  Object.values(things).flatMap((items) => items.map(({ id }) => id));
