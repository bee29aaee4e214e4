import { z } from 'zod';
import type { VolumeExport } from '../../src/model/offers.ts';
import type { CheckedCloud } from '../../src/model/service.ts';
import { nfsExport, refuseTwice, section } from '../../src/model/settings/fields.ts';
import { outside, type SettingsFinding, type SettingsOf } from '../../src/model/settings/settings.ts';
import { users } from '../../src/model/users.ts';

/** What volumes can be kept on. A backend is a group of cinder.conf by this name, and so is the type of its volumes. */
const backend = z.enum(['ceph', 'nfs']);

export type Backend = z.output<typeof backend>;

export const settings = {
  storage: section({
    cinder: section({
      backends: z
        .array(backend)
        .min(1)
        .superRefine(refuseTwice((name) => name))
        .default(['ceph'])
        .describe(
          'What volumes of servers are kept on, each with a type of volumes of its name: `ceph` needs the service of that name, `nfs` an export. Volumes have the first type unless another is asked for.',
        ),
      nfs: section({
        export: outside(
          nfsExport()
            .optional()
            .describe(
              `The export that volumes are files on, such as \`nfs.example.org:/volumes\`; NFS 4.1 or newer. It must be writable for the user ${users.cinder}.`,
            ),
          { names: 'an NFS server', checks: [{ when: 'up', by: 'NFS export' }] },
        ),
      }).describe('Volumes as files on NFS.'),
    }).describe('Volumes of servers.'),
  }),
};

export type CinderSettings = SettingsOf<typeof settings>;

/** Volumes have its type unless another is asked for. */
export function defaultBackend({ storage }: CinderSettings): Backend {
  return storage.cinder.backends[0] ?? 'ceph';
}

export function has({ storage }: CinderSettings, name: Backend): boolean {
  return storage.cinder.backends.includes(name);
}

/** The exports that volumes are files on. */
export function exportsOf(all: CinderSettings): VolumeExport[] {
  const { export: name } = all.storage.cinder.nfs;
  return has(all, 'nfs') && name !== undefined ? [{ volume: 'cinder-nfs', export: name }] : [];
}

export function checkSettings(
  all: CinderSettings,
  { isGiven }: Pick<CheckedCloud, 'isGiven'>,
): SettingsFinding[] {
  if (!isGiven('blockStorage')) return [];
  const { nfs } = all.storage.cinder;
  if (has(all, 'ceph') && !isGiven('blockPool')) {
    return [
      {
        path: ['services', 'cinder'],
        level: 'error',
        message: 'keeps volumes in pools of Ceph, and the service ceph is off',
        next: 'Set services.ceph to true as well, or name what there is in storage.cinder.backends.',
      },
    ];
  }
  if (has(all, 'nfs') && nfs.export === undefined) {
    return [
      {
        path: ['storage', 'cinder', 'backends'],
        level: 'error',
        message: 'names nfs, and storage.cinder.nfs.export does not say which export',
        next: 'Set it to one such as nfs.example.org:/volumes, or leave nfs out.',
      },
    ];
  }
  if (has(all, 'nfs') || nfs.export === undefined) return [];
  return [
    {
      path: ['storage', 'cinder', 'nfs', 'export'],
      level: 'warning',
      message: 'has no effect: storage.cinder.backends does not name nfs',
    },
  ];
}
