import type { OfferName } from '../../src/model/offers.ts';
import type { SettingsFinding } from '../../src/model/settings/settings.ts';
import { checkOfEach } from '../common/volume-devices.ts';
import { type Policy, policiesOf } from './policies.ts';
import { countZones, hasZones, replicasOf, type SwiftSettings } from './settings.ts';

export function checkSettings(
  settings: SwiftSettings,
  { isGiven }: { isGiven(offer: OfferName): boolean },
): SettingsFinding[] {
  const lacksKeys =
    settings.storage.swift.encryption === 'barbican' && isGiven('objectStore') && !isGiven('keyManager');
  const volumes = checkVolumes(settings);
  return [
    ...(volumes.length > 0 ? volumes : checkZones(settings)),
    ...checkPolicies(settings),
    ...(lacksKeys ? [withoutKeys] : []),
  ];
}

const withoutKeys: SettingsFinding = {
  path: ['storage', 'swift', 'encryption'],
  level: 'error',
  message: 'wants a key of Barbican, which is not on',
  next: 'Set services.barbican to true as well, or say true: then Gantry makes the key.',
};

type Finding = Pick<SettingsFinding, 'message' | 'next'> & { key?: string };
type GivenPolicy = SwiftSettings['storage']['swift']['policies'][string];

function checkPolicies(settings: SwiftSettings): SettingsFinding[] {
  const { policies, defaultPolicy, volumes, drain } = settings.storage.swift;
  const all = policiesOf({ settings });
  const path = ['storage', 'swift'];
  const findings = Object.entries(policies).flatMap(([name, given]): SettingsFinding[] => {
    const wrong = checkName(name, given, all) ?? checkPlaces(name, given, all, volumes, drain.length);
    if (!wrong) return [];
    const { key, ...said } = wrong;
    return [{ path: [...path, 'policies', name, ...(key ? [key] : [])], level: 'error', ...said }];
  });
  if (all.some(({ isDefault }) => isDefault)) return findings;
  const next = `Name one of ${all.map(({ name }) => name).join(', ')}.`;
  const message = `names no policy: ${defaultPolicy}`;
  return [...findings, { path: [...path, 'defaultPolicy'], level: 'error', message, next }];
}

/** https://docs.openstack.org/swift/latest/overview_policies.html */
function checkName(name: string, { index }: GivenPolicy, all: readonly Policy[]): Finding | undefined {
  const alike = all.find((one) => one.index !== index && one.name.toLowerCase() === name.toLowerCase());
  const twin = all.find((one) => one.index === index && one.name !== name);
  if (!/^[A-Za-z0-9-]+$/.test(name) || name.toLowerCase() === 'policy-0') {
    const next = 'Use letters, digits and hyphens; Policy-0 is taken.';
    return { message: 'is no name of a policy', next };
  }
  if (alike) return { message: `has the name of ${alike.name} for Swift`, next: 'Give it another one.' };
  if (twin) {
    const next = 'Give each policy an index of its own.';
    return { key: 'index', message: `is that of ${twin.name} as well`, next };
  }
  return undefined;
}

function checkPlaces(
  name: string,
  { replicas, erasureCoding }: GivenPolicy,
  all: readonly Policy[],
  volumes: number,
  drained: number,
): Finding | undefined {
  if ((replicas === undefined) === (erasureCoding === undefined)) {
    const next = 'Say replicas: 2, or erasureCoding: 2+1.';
    return { message: 'must have one of replicas and erasureCoding', next };
  }
  const places = all.find((one) => one.name === name)?.places ?? 0;
  const left = volumes - drained;
  if (places <= left) return undefined;
  const which = drained > 0 ? ' that are not to be emptied' : '';
  return {
    key: replicas === undefined ? 'erasureCoding' : 'replicas',
    message: `wants ${places} volumes, of which there are ${left}${which}`,
    next: `Set storage.swift.volumes to ${places + drained} or more.`,
  };
}

/** Copies of one object are in different zones. Fragments are not: a code has more of them than most sites have zones. */
function checkZones(settings: SwiftSettings): SettingsFinding[] {
  if (!hasZones({ settings })) return [];
  const zones = countZones({ settings });
  const { swift } = settings.storage;
  const given = swift.zones.length > 0 ? 'zones' : 'regions';
  const kept = swift.drain.length > 0 ? ' with volumes that are not to be emptied' : '';
  return policiesOf({ settings })
    .filter(({ fragments, places }) => !fragments && places > zones)
    .map(({ index, name, places }): SettingsFinding => {
      const next = `Put volumes into ${places} zones or more, or want`;
      return index === 0
        ? {
            path: ['storage', 'swift', given],
            level: 'error',
            message: `names ${zones} zones${kept} for ${places} copies, each in another one`,
            next: `${next} fewer storage.swift.replicas.`,
          }
        : {
            path: ['storage', 'swift', 'policies', name, 'replicas'],
            level: 'error',
            message: `wants ${places} copies in different zones, of which there are ${zones}${kept}`,
            next: `${next} fewer copies.`,
          };
    });
}

function checkVolumes(settings: SwiftSettings): SettingsFinding[] {
  const { volumes, drain } = settings.storage.swift;
  const replicas = replicasOf({ settings });
  const path = (key: string) => ['storage', 'swift', key];
  const uneven = (['directories', 'zones', 'regions'] as const).flatMap((key) =>
    checkOfEach('swift', key, settings.storage.swift[key], volumes),
  );
  if (uneven.length > 0) return uneven;
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
