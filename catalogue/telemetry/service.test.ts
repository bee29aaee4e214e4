import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { type CloudInput, renderCloud } from '../../test/contract/cloud.ts';

async function render(input: CloudInput = {}, without: string[] = []) {
  const services = (await loadCatalogue(projectRoot())).filter(({ name }) => !without.includes(name));
  return renderCloud(services, input).desired;
}

type Desired = Awaited<ReturnType<typeof render>>;

function fileOf({ processes }: Desired, process: string, end: string): string {
  const found = processes.find(({ name }) => name === process);
  return found?.files.find(({ path }) => path.endsWith(end))?.content ?? '';
}

test('services tell what happens in them where somebody hears it, and nothing where nobody does', async () => {
  const heard = fileOf(await render({}, ['events']), 'nova-conductor', '/nova.conf');
  expect(heard).toContain('[oslo_messaging_notifications]\ndriver = messagingv2\ntopics = telemetry\n');
  const unheard = fileOf(await render({}, ['events', 'telemetry']), 'nova-conductor', '/nova.conf');
  expect(unheard).toContain('[oslo_messaging_notifications]\ndriver = noop\n');
});

test('each who hears has a topic, so that none takes what another is to hear', async () => {
  const both = await render({ settings: { notifications: true } });
  expect(fileOf(both, 'nova-conductor', '/nova.conf')).toContain(
    '\ntopics = events,notifications,telemetry\n',
  );
  expect(fileOf(both, 'ceilometer-notification', '/ceilometer.conf')).toContain('\ntopics = telemetry\n');
});

test('servers are measured as often as is said, and alarms looked at no more often', async () => {
  const desired = await render({ settings: { telemetry: { interval: 120 } } });
  const polling = JSON.parse(fileOf(desired, 'ceilometer-compute', '/polling.yaml'));
  expect(polling.sources).toMatchObject([{ interval: 120, meters: expect.arrayContaining(['cpu']) }]);
  expect(fileOf(desired, 'aodh-api', '/aodh.conf')).toContain('evaluation_interval = 120\n');
});

test('images, volumes and floating IPs are measured where it is asked for', async () => {
  const usual = await render();
  expect(usual.processes.map(({ name }) => name)).not.toContain('ceilometer-central');
  const settings = { telemetry: { inventory: true } };
  const metersOf = (desired: Desired) =>
    JSON.parse(fileOf(desired, 'ceilometer-central', '/polling.yaml')).sources[0].meters;
  expect(metersOf(await render({ settings }))).toContain('volume.size');
  expect(metersOf(await render({ settings }, ['cinder']))).toEqual(['image.size', 'ip.floating']);
});

test('actions of alarms trust the authority of the cloud beside those of the system', async () => {
  const desired = await render();
  expect(fileOf(desired, 'aodh-api', '/authority.pem')).toBe('authority\n');
  expect(fileOf(desired, 'aodh-api', '/aodh.conf')).toContain(
    'rest_notifier_ca_bundle_certificate_path = /tmp/authorities.pem\n',
  );
});
