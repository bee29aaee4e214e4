import { cloudSchema } from '../../../src/config/schema.ts';
import type { OfferName } from '../../../src/model/offers.ts';
import type { ServiceDefinition } from '../../../src/model/service.ts';
import { settingsOf } from '../../../src/resolve/settings.ts';
import { renderCloud, repeated } from '../cloud.ts';

type Services = ServiceDefinition[];

function offersOf({ gives = {} }: ServiceDefinition): OfferName[] {
  return Object.keys(gives) as OfferName[];
}

/** An offer is given by one service, and by those that may be in its place: takers could not choose. */
export function findRepeatedOffers(all: Services): string[] {
  const services = all.filter(({ inPlaceOf }) => inPlaceOf === undefined);
  return repeated(services.flatMap(offersOf)).map((name) => {
    const givers = services.filter((service) => offersOf(service).includes(name));
    return `${name} is given by ${givers.map((giver) => giver.name).join(' and ')}`;
  });
}

/** What is given is taken by a service, or is for users. */
export function findUntakenOffers(services: Services): string[] {
  const taken = new Set<string>();
  const watched = services.map((service): ServiceDefinition => {
    const gives = Object.entries(service.gives ?? {}).map(([name, give]) => [
      name,
      (context: Parameters<typeof give>[0]) => {
        taken.add(name);
        return give(context);
      },
    ]);
    return { ...service, gives: Object.fromEntries(gives) };
  });
  renderCloud(watched);
  return services.flatMap((service) =>
    offersOf(service)
      .filter((name) => !taken.has(name) && !service.givesUsers?.includes(name))
      .map((name) => `${service.name} gives ${name}, which nobody takes`),
  );
}

/**
 * What cannot be done without is given, also where services that may be off are off: those that say of their settings
 * that they cannot be without it are off then as well.
 */
export function findMissingOffers(services: Services): string[] {
  const clouds = [undefined, ...services.filter(({ required }) => !required)];
  return clouds.flatMap((off) => {
    const on = services.filter((service) => service !== off);
    try {
      renderCloud(on.filter((service) => !refuses(service, on)));
      return [];
    } catch (error) {
      return [`${off ? `without ${off.name}: ` : ''}${error instanceof Error ? error.message : error}`];
    }
  });
}

/** Whether a service is refused, with the settings that it has by default, beside these. */
export function refuses(service: ServiceDefinition, on: Services): boolean {
  const given = on.flatMap(offersOf);
  const settings = settingsOf(service, cloudSchema(on).parse({}));
  const found =
    service.checkSettings?.(settings, {
      isOn: true,
      limitsOf: () => ({}),
      hasNodes: false,
      isGiven: (offer) => given.includes(offer),
    }) ?? [];
  return found.some(({ level }) => level === 'error');
}
