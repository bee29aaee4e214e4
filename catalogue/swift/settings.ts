import { z } from 'zod';
import type { DeclareContext } from '../../src/model/context.ts';
import { byName, directories, integer, quantity, section, word } from '../../src/model/settings/fields.ts';
import { outside, type SettingsFinding, type SettingsOf } from '../../src/model/settings/settings.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import type { VolumeDevice } from '../../src/model/workload.ts';

/** Of objects in containers that name none, unless `defaultPolicy` says otherwise; and of all that was there before others. */
const REPLICATED = 'replicated';

const policy = section({
  index: integer(1, 31).describe(
    'Number by which Swift keeps the objects of this policy. It stays as it was first, and no other policy has it.',
  ),
  replicas: integer(1, 3).optional().describe('Copies of each object, on different volumes.'),
  erasureCoding: word(
    /^([2-9]|1[0-9])\+[1-9]$/,
    'must be the numbers of fragments with data and with parity, such as 2+1',
  )
    .optional()
    .describe(
      'In place of copies: fragments with data and with parity, such as `2+1`. All but as many as those with parity give the object. It stays as it was first.',
    ),
});

export const settings = {
  storage: section({
    swift: section({
      volumes: integer(1, 64)
        .default(3)
        .describe('Volumes that objects are kept on, each with a process of its own.'),
      directories: outside(
        directories().describe(
          "Directories of this machine that the volumes are made of, in their order, in place of Docker Engine's own: each on a disk of its own, empty at first, on a file system with extended attributes such as XFS or ext4.",
        ),
        { names: 'directories of the machine', checks: [{ when: 'up', by: 'directory' }] },
      ),
      size: quantity('1Gi')
        .default('20Gi')
        .describe('Size of each of these volumes, where an engine must be asked for one: on Kubernetes.'),
      replicas: integer(1, 3)
        .optional()
        .describe(
          'Copies of each object, on different volumes. The default is 3, or as many as there are volumes.',
        ),
      policies: byName(policy)
        .describe(
          `Storage policies by name, beside \`${REPLICATED}\`, which is what \`replicas\` says. A container has one of them from its beginning.`,
        )
        .meta({ examples: [{ once: { index: 1, replicas: 1 }, coded: { index: 2, erasureCoding: '2+1' } }] }),
      defaultPolicy: z.string().default(REPLICATED).describe('Policy of new containers that name none.'),
      drain: z
        .array(integer(1, 64))
        .default([])
        .describe(
          'Numbers of volumes that are to be emptied, such as [4]: before fewer volumes are asked for, or where a disk is to be replaced.',
        ),
      encryption: z
        .boolean()
        .default(false)
        .describe(
          'What is stored from now on is encrypted, by a key that Gantry makes. What is there stays readable.',
        ),
      partPower: integer(2, 22)
        .default(10)
        .describe('Base-2 logarithm of the number of partitions. It stays as it was first.'),
      minPartHours: integer(0, 168)
        .default(1)
        .describe('Hours in which one copy of a partition moves at most.'),
    }).describe('Containers of objects.'),
  }).describe('Where data of users is kept.'),
};

export type SwiftSettings = SettingsOf<typeof settings>;

type Context = Pick<DeclareContext<SwiftSettings>, 'settings'>;

export function devicesOf({ settings: { storage } }: Context): VolumeDevice[] {
  const { volumes, directories, size } = storage.swift;
  return Array.from({ length: volumes }, (_, index) => ({
    volume: `swift-storage-${index + 1}`,
    sizeGiB: Math.ceil((parseQuantity(size) ?? 0) / 1024 ** 3),
    ...(directories[index] === undefined ? {} : { directory: directories[index] }),
  }));
}

/** Whether the volume of this index is to be emptied. */
export function isDrained({ settings: { storage } }: Context, index: number): boolean {
  return storage.swift.drain.includes(index + 1);
}

export function replicasOf({ settings: { storage } }: Context): number {
  return storage.swift.replicas ?? Math.min(3, storage.swift.volumes);
}

/** A storage policy: `fragments` with data and parity where it is one of erasure coding. */
export interface Policy {
  index: number;
  name: string;
  isDefault: boolean;
  /** Volumes that each object is on. */
  places: number;
  fragments?: { data: number; parity: number };
}

/** All of them, by their index. */
export function policiesOf(context: Context): Policy[] {
  const { policies, defaultPolicy } = context.settings.storage.swift;
  const all = [
    { index: 0, name: REPLICATED, places: replicasOf(context) },
    ...Object.entries(policies).map(([name, { index, replicas = 0, erasureCoding }]) => {
      if (erasureCoding === undefined) return { index, name, places: replicas };
      const [data = 0, parity = 0] = erasureCoding.split('+').map(Number);
      return { index, name, places: data + parity, fragments: { data, parity } };
    }),
  ];
  return all
    .map((one) => ({ ...one, isDefault: one.name === defaultPolicy }))
    .sort((one, other) => one.index - other.index);
}

export function checkSettings(settings: SwiftSettings): SettingsFinding[] {
  return [...checkVolumes(settings), ...checkPolicies(settings)];
}

function checkPolicies(settings: SwiftSettings): SettingsFinding[] {
  const { policies, defaultPolicy, volumes, drain } = settings.storage.swift;
  const all = policiesOf({ settings });
  const findings = Object.entries(policies).flatMap(([name, given]) => {
    const error = (key: string[], message: string, next: string): SettingsFinding => ({
      path: ['storage', 'swift', 'policies', name, ...key],
      level: 'error',
      message,
      next,
    });
    const { index, places } = all.find((one) => one.name === name) as Policy;
    const alike = all.find((one) => one.index !== index && one.name.toLowerCase() === name.toLowerCase());
    const twin = all.find((one) => one.index === index && one.name !== name);
    // https://docs.openstack.org/swift/latest/overview_policies.html
    if (!/^[A-Za-z0-9-]+$/.test(name) || name.toLowerCase() === 'policy-0')
      return error([], 'is no name of a policy', 'Use letters, digits and hyphens; Policy-0 is taken.');
    if (alike) return error([], `has the name of ${alike.name} for Swift`, 'Give it another one.');
    if (twin)
      return error(['index'], `is that of ${twin.name} as well`, 'Give each policy an index of its own.');
    if ((given.replicas === undefined) === (given.erasureCoding === undefined))
      return error(
        [],
        'must have one of replicas and erasureCoding',
        'Say replicas: 2, or erasureCoding: 2+1.',
      );
    const left = volumes - drain.length;
    if (places <= left) return [];
    const key = given.replicas === undefined ? 'erasureCoding' : 'replicas';
    return error(
      [key],
      `wants ${places} volumes, of which there are ${left}${drain.length > 0 ? ' that are not to be emptied' : ''}`,
      `Set storage.swift.volumes to ${places + drain.length} or more.`,
    );
  });
  if (all.some(({ isDefault }) => isDefault)) return findings;
  const next = `Name one of ${all.map(({ name }) => name).join(', ')}.`;
  const path = ['storage', 'swift', 'defaultPolicy'];
  return [...findings, { path, level: 'error', message: `names no policy: ${defaultPolicy}`, next }];
}

function checkVolumes(settings: SwiftSettings): SettingsFinding[] {
  const { volumes, directories, drain } = settings.storage.swift;
  const replicas = replicasOf({ settings });
  const path = (key: string) => ['storage', 'swift', key];
  if (directories.length > 0 && directories.length !== volumes) {
    const message = `names ${directories.length} directories for ${volumes} volumes`;
    const next = `Name one for each, or set storage.swift.volumes to ${directories.length}.`;
    return [{ path: path('directories'), level: 'error', message, next }];
  }
  if (replicas > volumes) {
    return [
      {
        path: path('replicas'),
        level: 'error',
        message: `wants ${replicas} copies on different volumes, of which there are ${volumes}`,
        next: `Set storage.swift.volumes to ${replicas} or more, or fewer replicas.`,
      },
    ];
  }
  const strange = drain.find((number, index) => number > volumes || drain.indexOf(number) !== index);
  if (strange !== undefined) {
    const message =
      strange > volumes ? `names volume ${strange} of ${volumes}` : `names volume ${strange} twice`;
    const next = `Name volumes by their numbers, from 1 to ${volumes}, each once.`;
    return [{ path: path('drain'), level: 'error', message, next }];
  }
  const left = volumes - drain.length;
  if (left >= replicas) return [];
  return [
    {
      path: path('drain'),
      level: 'error',
      message: `leaves ${left} volumes for ${replicas} copies`,
      next: 'Ask for more volumes first, or for fewer storage.swift.replicas.',
    },
  ];
}
