import type { CloudVolume } from './cloud.ts';
import type { ShownVolume } from './protocol.ts';

/** What `docker volume inspect` shows of a volume beside its name. */
export function statusOf({
  id,
  status,
  size,
  volume_type,
  availability_zone,
  attachments,
}: CloudVolume): Record<string, unknown> {
  const servers = attachments.map(({ server_id }) => server_id);
  return {
    id,
    status,
    size: `${size} GiB`,
    ...(volume_type === null ? {} : { type: volume_type }),
    'availability-zone': availability_zone,
    ...(servers.length > 0 ? { servers } : {}),
  };
}

/** A volume as Docker is told of it. @param createdAt Cinder's own words; undefined or empty where they are not known */
export function shown(
  name: string,
  mountPoint: string,
  createdAt: string | undefined,
  status: Record<string, unknown>,
): ShownVolume {
  // Cinder's times are of UTC and do not say so.
  const at =
    createdAt === undefined || createdAt === ''
      ? undefined
      : createdAt.replace(/(Z|[+-]\d\d:\d\d)?$/, (zone) => zone || 'Z');
  return {
    Name: name,
    Mountpoint: mountPoint,
    ...(at === undefined ? {} : { CreatedAt: at }),
    Status: status,
  };
}
