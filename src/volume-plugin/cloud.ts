import { hasStatus } from '../openstack/errors.ts';
import { listAll, removeAt } from '../openstack/resource.ts';
import type { Session } from '../openstack/session.ts';
import type { Metadata } from './options.ts';
import { refusal } from './problem.ts';

/** A volume, by the API of Cinder: https://docs.openstack.org/api-ref/block-storage/v3/ */
export interface CloudVolume {
  id: string;
  name: string;
  /** `available`, `in-use` and others (cinder/objects/fields.py, VolumeStatus). */
  status: string;
  /** GiB. */
  size: number;
  /** ISO 8601 in UTC, without a zone. */
  created_at: string;
  volume_type: string | null;
  availability_zone: string;
  multiattach: boolean;
  metadata: Metadata;
  attachments: readonly { attachment_id: string; server_id: string }[];
}

export interface CloudServer {
  id: string;
  name: string;
  /** `ACTIVE`, `SHUTOFF` and others (nova/api/openstack/common.py). */
  status: string;
  'OS-EXT-STS:task_state': string | null;
}

export interface NewVolume {
  name: string;
  size?: number;
  volume_type?: string;
  availability_zone?: string;
  snapshot_id?: string;
  source_volid?: string;
  imageRef?: string;
  metadata: Metadata;
}

/** What can be made into a volume. */
export type SourceKind = 'snapshot' | 'volume' | 'image';

/** What the plugin asks of Cinder, Nova and Glance, with the rights of a member. */
export interface Cloud {
  /** Those of the project with exactly this name, or all of them. */
  volumes(signal: AbortSignal, name?: string): Promise<CloudVolume[]>;
  /** Undefined where there is none. */
  volume(id: string, signal: AbortSignal): Promise<CloudVolume | undefined>;
  create(values: NewVolume, signal: AbortSignal): Promise<CloudVolume>;
  remove(id: string, signal: AbortSignal): Promise<void>;
  /** Adds to what is there. */
  setMetadata(id: string, metadata: Metadata, signal: AbortSignal): Promise<void>;
  /** The id of what has this name or id. Throws `volume.source` where it is none, or several. */
  sourceId(kind: SourceKind, name: string, signal: AbortSignal): Promise<string>;
  /** Why Cinder could not make a volume, in its own words; undefined where it does not say. */
  reason(id: string, signal: AbortSignal): Promise<string | undefined>;
  /** Undefined where Nova shows none to this project. */
  server(id: string, signal: AbortSignal): Promise<CloudServer | undefined>;
  /** Asks for it; Nova does it later. */
  attach(server: string, volume: string, signal: AbortSignal): Promise<void>;
  /** Asks for it; Nova does it later. What is not attached is fine. */
  detach(server: string, volume: string, signal: AbortSignal): Promise<void>;
}

/** Before 2.101 of Nova an attachment is asked for by one call, which answers once Cinder has reserved the volume. */
const nova = { microversion: '2.90' };
/** From 3.5 on Cinder has messages for users. */
const cinder = { microversion: '3.59' };
/** The caller has a time limit of its own, and asks again. */
const patience = { timeoutMs: 20_000, retryMs: 3000 };
/** Cinder answers once the volume is reserved, which waits for a backend that does not answer. */
const slow = { timeoutMs: 90_000, retryMs: 3000 };

/** @param open logs in at the first call, and again where that failed */
export function openCloud(open: () => Promise<Session>): Cloud {
  let opened: Promise<Session> | undefined;
  const session = async (signal: AbortSignal): Promise<Session> => {
    opened ??= open();
    try {
      return (await opened).withSignal(signal);
    } catch (thrown) {
      opened = undefined;
      throw thrown;
    }
  };
  const list = async <T>(service: string, path: string, many: string, signal: AbortSignal, query = {}) =>
    listAll<T>(await session(signal), { service, path, many }, { query });
  const getOne = async <T>(service: string, path: string, signal: AbortSignal, more = {}) => {
    try {
      return (await (await session(signal)).request<T>(service, 'GET', path, { ...patience, ...more })).body;
    } catch (thrown) {
      if (hasStatus(thrown, 404)) return undefined;
      throw thrown;
    }
  };

  return {
    volumes: async (signal, name) => {
      const query = name === undefined ? {} : { name };
      const found = await list<CloudVolume>('block-storage', '/volumes/detail', 'volumes', signal, query);
      return name === undefined ? found : found.filter((one) => one.name === name);
    },
    volume: async (id, signal) =>
      (await getOne<{ volume: CloudVolume }>('block-storage', `/volumes/${id}`, signal))?.volume,
    create: async (values, signal) => {
      const json = { volume: values };
      const { body } = await (await session(signal)).request<{ volume: CloudVolume }>(
        'block-storage',
        'POST',
        '/volumes',
        { json, ...patience },
      );
      return body.volume;
    },
    remove: async (id, signal) => {
      await removeAt(await session(signal), 'block-storage', `/volumes/${id}`, patience);
    },
    setMetadata: async (id, metadata, signal) => {
      const json = { metadata };
      await (await session(signal)).request('block-storage', 'POST', `/volumes/${id}/metadata`, {
        json,
        ...patience,
      });
    },
    sourceId: async (kind, name, signal) => {
      const { service, path, many } = sourceKinds[kind];
      const byName = await list<{ id: string; name: string }>(service, path, many, signal, { name });
      const found = byName.filter((one) => one.name === name);
      if (found.length === 1 && found[0]) return found[0].id;
      if (found.length > 1) {
        throw refusal(
          'source',
          `there are ${found.length} ${kind}s "${name}": ${idsOf(found)}`,
          'Give the id.',
        );
      }
      const one = await getOne(service, `${path.replace('/detail', '')}/${encodeURIComponent(name)}`, signal);
      if (one !== undefined) return name;
      throw refusal('source', `there is no ${kind} "${name}"`);
    },
    reason: async (id, signal) => {
      const { body } = await (await session(signal)).request<{ messages: { user_message: string }[] }>(
        'block-storage',
        'GET',
        '/messages',
        { query: { resource_uuid: id }, ...cinder, ...patience },
      );
      return body.messages[0]?.user_message;
    },
    server: async (id, signal) =>
      (await getOne<{ server: CloudServer }>('compute', `/servers/${id}`, signal, nova))?.server,
    attach: async (server, volume, signal) => {
      const json = { volumeAttachment: { volumeId: volume } };
      await (await session(signal)).request('compute', 'POST', `/servers/${server}/os-volume_attachments`, {
        json,
        ...nova,
        ...slow,
      });
    },
    detach: async (server, volume, signal) => {
      const path = `/servers/${server}/os-volume_attachments/${volume}`;
      await removeAt(await session(signal), 'compute', path, { ...nova, ...slow });
    },
  };
}

const sourceKinds = {
  snapshot: { service: 'block-storage', path: '/snapshots/detail', many: 'snapshots' },
  volume: { service: 'block-storage', path: '/volumes/detail', many: 'volumes' },
  image: { service: 'image', path: '/images', many: 'images' },
} as const;

export function idsOf(found: readonly { id: string }[]): string {
  return found
    .map(({ id }) => id)
    .sort()
    .join(', ');
}
