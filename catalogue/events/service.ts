import type { RenderContext } from '../../src/model/context.ts';
import { connectedHealth } from '../../src/model/health.ts';
import { jsonFile, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import { taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { brokersFor } from '../common/sections.ts';
import { DATA, PROCESS, READ } from './names.ts';
import { type EventSettings, settings } from './settings.ts';

const TOPIC = 'events';
const FILE = `${CONFIG_DIR}/events.json`;
const GIB = 1024 ** 3;

type Context = RenderContext<EventSettings>;

export default defineService({
  name: 'events',
  summary: 'What happens in the cloud, as its services tell it',
  byDefault: false,
  required: false,
  processNames: { [PROCESS]: { replicas: false } },
  dataVolumes: ['events'],
  settings,
  declare: () => ({
    secrets: [{ name: 'events-broker', kind: 'password' }],
    brokerUsers: [{ user: 'events', secret: 'events-broker' }],
    notificationTopics: [TOPIC],
  }),
  gives: {
    eventLog: () => ({
      log: { process: PROCESS, command: READ },
      after: [`process:${PROCESS}`],
      reaches: [],
    }),
  },
  givesUsers: ['eventLog'],
  render: (context) => ({ processes: [taking(context, eventLog)], jobs: [], tasks: [] }),
});

function eventLog(context: Context): Process {
  // The path is a virtual host, which oslo.messaging names `/` as well.
  const brokers = brokersFor(context, 'events').map((broker) => `amqp://${broker}//`);
  const bytes = parseQuantity(context.settings.events.keep) as number;
  return process({
    name: PROCESS,
    service: 'events',
    image: 'events',
    user: userOf('events'),
    command: ['keep-events', FILE],
    files: [jsonFile(FILE, { brokers, topic: TOPIC, directory: DATA, bytes }, { gid: users.events })],
    // Beside what is kept, the file that is written to when the oldest one goes.
    volumes: [{ volume: 'events', path: DATA, sizeGiB: Math.ceil((bytes * 1.25) / GIB) }],
    health: connectedHealth(5672, 'the message broker'),
  });
}
