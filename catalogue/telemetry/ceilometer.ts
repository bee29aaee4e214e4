/** Ceilometer: measures servers, hears what happens in services, and tells Gnocchi and Aodh of it. */

import type { RenderContext } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { shellHealth } from '../../src/model/health.ts';
import { job, jsonFile, process } from '../../src/model/make.ts';
import type { OfferName } from '../../src/model/offers.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process, type RenderedFile } from '../../src/model/workload.ts';
import { osloFile, osloJobFile } from '../common/oslo-file.ts';
import { cacheSections, commonSections, messagingSections, serviceCredentials } from '../common/sections.ts';
import { rpcWorker } from '../common/workloads.ts';
import { GNOCCHI, GNOCCHI_FRONT_END } from './gnocchi.ts';
import type { TelemetrySettings } from './settings.ts';

type Context = RenderContext<TelemetrySettings>;

export const NOTIFICATION = 'ceilometer-notification';
export const COMPUTE = 'ceilometer-compute';
export const CENTRAL = 'ceilometer-central';
const TYPES_JOB = 'ceilometer-types';

/** What it hears by, of services and of its own agents. */
const TOPIC = 'telemetry';
/** Signs what agents have measured. */
const SIGNATURE = 'ceilometer-signature';
/** Where Aodh listens for events (`event_alarm_topic`). */
const EVENT_ALARMS = 'alarm.all';

const CONFIG = 'ceilometer.conf';
const POLLING_FILE = `${CONFIG_DIR}/polling.yaml`;
const MEASURES_FILE = `${CONFIG_DIR}/pipeline.yaml`;
const EVENTS_FILE = `${CONFIG_DIR}/event_pipeline.yaml`;
const ceilometer = { service: 'telemetry', image: 'ceilometer', user: userOf('ceilometer') } as const;

export const ceilometerNeeds: ServiceDeclaration = {
  secrets: ['account', 'broker', 'signature'].map((use) => ({ name: `ceilometer-${use}`, kind: 'password' })),
  brokerUsers: [{ user: 'ceilometer', secret: 'ceilometer-broker' }],
  accounts: [{ user: 'ceilometer', secret: 'ceilometer-account', roles: ['admin', 'service'] }],
  notificationTopics: [TOPIC],
};

/** Of servers, with names of Ceilometer: https://docs.openstack.org/ceilometer/latest/admin/telemetry-measurements.html */
const serverMeters = [
  'cpu',
  'memory.usage',
  'memory.resident',
  'disk.device.read.bytes',
  'disk.device.read.requests',
  'disk.device.write.bytes',
  'disk.device.write.requests',
  'network.incoming.bytes',
  'network.incoming.packets',
  'network.outgoing.bytes',
  'network.outgoing.packets',
];

/** Each agent would write two lines for each kind of measurement, each time. */
const LOG_LEVELS = [
  'amqp=WARN',
  'oslo_messaging=INFO',
  'urllib3.connectionpool=WARN',
  'keystonemiddleware=WARN',
  'keystoneauth=WARN',
  'ceilometer.polling.manager=WARN',
].join();

function sections(context: Context): OsloSections[] {
  return [
    cacheSections(context),
    messagingSections(context, 'ceilometer'),
    {
      DEFAULT: {
        default_log_levels: LOG_LEVELS,
        // Threads that measures and events are passed on by: more of them have a connection to the broker each.
        max_parallel_requests: 4,
        pipeline_cfg_file: MEASURES_FILE,
        event_pipeline_cfg_file: EVENTS_FILE,
      },
      // Its agents tell it, and nobody else, what they have measured.
      oslo_messaging_notifications: { driver: 'messagingv2', topics: TOPIC },
      notification: { notification_control_exchanges: ['ceilometer', 'cinder', 'glance', 'neutron', 'nova'] },
      polling: { cfg_file: POLLING_FILE },
      publisher: { telemetry_secret: context.secret(SIGNATURE) },
    },
    credentialSections(context),
  ];
}

function credentialSections(context: Context): OsloSections {
  return { service_credentials: { ...serviceCredentials(context, 'ceilometer'), interface: 'internalURL' } };
}

function startAgent(kind: 'notification' | 'polling', ...options: string[]): string[] {
  return ['start-agent', kind, '--config-file', `${CONFIG_DIR}/${CONFIG}`, ...options];
}

/** https://docs.openstack.org/ceilometer/latest/admin/telemetry-data-pipelines.html */
function pipelineFile(path: string, what: 'meters' | 'events', publishers: string[]): RenderedFile {
  return jsonFile(
    path,
    { sources: [{ name: 'all', [what]: ['*'], sinks: ['all'] }], sinks: [{ name: 'all', publishers }] },
    { gid: users.ceilometer },
  );
}

export function notificationAgent(context: Context): Process {
  return rpcWorker(context, {
    service: 'telemetry',
    project: 'ceilometer',
    config: CONFIG,
    name: NOTIFICATION,
    sections,
    files: () => [
      pipelineFile(MEASURES_FILE, 'meters', ['gnocchi://']),
      pipelineFile(EVENTS_FILE, 'events', ['gnocchi://', `notifier://?topic=${EVENT_ALARMS}`]),
    ],
    reaches: [GNOCCHI_FRONT_END],
    more: { command: startAgent('notification'), after: [`job:${TYPES_JOB}`] },
  });
}

/** Measures the servers of its node, as libvirt tells of them to whoever asks; Nova says which sizes they are of. */
export function computeAgent(context: Context): Process {
  return agent(context, {
    name: COMPUTE,
    namespace: 'compute',
    meters: () => serverMeters,
    asks: ['compute'],
    more: (own) => ({
      volumes: [{ ...take(own, 'hypervisor').socket, readOnly: true }],
      on: ['compute'],
      spread: 'perNode',
      needs: { nodeName: true },
    }),
  });
}

/** Measures what its services list. */
export function centralAgent(context: Context): Process {
  const volumeMeters = ['volume.size', 'volume.snapshot.size', 'volume.backup.size'];
  return agent(context, {
    name: CENTRAL,
    namespace: 'central',
    meters: (own) => ['image.size', 'ip.floating', ...(own.offered('blockStorage') ? volumeMeters : [])],
    asks: ['imageStore', 'network', 'blockStorage'],
  });
}

interface Agent {
  name: string;
  /** Ceilometer's, of what it measures. */
  namespace: string;
  meters(context: Context): string[];
  /** Services that it asks each time. */
  asks: readonly OfferName[];
  more?(context: Context): Partial<Process>;
}

/** What measures from time to time. */
function agent(context: Context, { name, namespace, meters, asks, more = () => ({}) }: Agent): Process {
  const { interval } = context.settings.telemetry;
  const patience = 3 * interval + 60;
  const make = (own: Context): Process => {
    for (const offer of asks) own.offered(offer);
    return process({
      ...ceilometer,
      name,
      command: startAgent('polling', '--polling-namespaces', namespace),
      files: [
        ceilometerFile(own, name),
        jsonFile(
          POLLING_FILE,
          { sources: [{ name: 'measured', interval, meters: meters(own) }] },
          { gid: users.ceilometer },
        ),
      ],
      health: shellHealth(
        `[ -n "$(find /tmp/polled -newermt '-${patience} seconds' 2>/dev/null)" ] || ` +
          `{ echo 'has not measured for ${patience} s'; exit 1; }`,
      ),
      ...more(own),
    });
  };
  return taking(context, make, asks);
}

function ceilometerFile(context: Context, name: string): RenderedFile {
  return osloFile(context, {
    name: CONFIG,
    process: name,
    gid: users.ceilometer,
    sections: [commonSections(context), ...sections(context)],
  });
}

/** Tells Gnocchi of which types resources are that are measured. */
export function resourceTypes(context: Context): Job {
  return taking(context, (own) =>
    job({
      ...ceilometer,
      name: TYPES_JOB,
      command: ['ceilometer-upgrade', '--config-file', `${CONFIG_DIR}/${CONFIG}`, '--retry', '10'],
      files: [
        osloJobFile(own, {
          name: CONFIG,
          job: TYPES_JOB,
          gid: users.ceilometer,
          sections: [credentialSections(own)],
        }),
      ],
      after: [`process:${GNOCCHI}`],
      reaches: [GNOCCHI_FRONT_END],
    }),
  );
}
