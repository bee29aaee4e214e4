/** Aodh: alarms. Its API and what evaluates alarms, hears of events and calls are one process, which imports once what they share. */

import type { RenderContext } from '../../src/model/context.ts';
import { mergeDeclarations } from '../../src/model/declaration.ts';
import { file } from '../../src/model/make.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type Process } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import {
  authTokenSections,
  databaseSection,
  messagingSections,
  serviceCredentials,
} from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';
import { GNOCCHI_FRONT_END } from './gnocchi.ts';
import type { TelemetrySettings } from './settings.ts';

export const AODH = 'aodh-api';
/** Who reads measures for alarms, and does what users entrust to it by `trust+` actions. */
const TRUSTEE = 'aodh-trustee';

/** By itself Aodh keeps the history of alarms for ever. */
const HISTORY_SECONDS = 30 * 24 * 3600;

const AUTHORITY = `${CONFIG_DIR}/authority.pem`;
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const ALL_AUTHORITIES = '/tmp/authorities.pem';

const aodh = { service: 'telemetry', project: 'aodh', config: 'aodh.conf' } as const;

export const aodhNeeds = mergeDeclarations(
  usualNeeds('aodh', {
    broker: true,
    roles: ['service'],
    api: { type: 'alarming', description: 'OpenStack Alarming', port: 8042 },
  }),
  {
    secrets: [{ name: TRUSTEE, kind: 'password' }],
    // It looks up the project that measures of all others are made from, which an administrator may.
    accounts: [{ user: TRUSTEE, secret: TRUSTEE, roles: ['admin', 'service'], trustee: true }],
  },
);

export function aodhApi(context: RenderContext<TelemetrySettings>): Process {
  return apiProcess(context, {
    ...aodh,
    name: AODH,
    sections: (own) => [
      authTokenSections(own, 'aodh'),
      messagingSections(own, 'aodh'),
      {
        DEFAULT: { rest_notifier_ca_bundle_certificate_path: ALL_AUTHORITIES },
        database: { ...databaseSection(own, 'aodh'), alarm_history_time_to_live: HISTORY_SECONDS },
        api: { auth_mode: 'keystone' },
        // Measures come no more often.
        evaluator: { evaluation_interval: Math.max(30, own.settings.telemetry.interval) },
        service_credentials: { ...serviceCredentials(own, TRUSTEE), interface: 'internalURL' },
      },
    ],
    files: ({ certificate }) => [file(AUTHORITY, certificate.authority, { gid: users.aodh, secret: false })],
    // Alarms are looked at, and messages waited for, from the start.
    later: ['keyManager', 'identity', 'messaging', 'notifications'],
    reaches: [GNOCCHI_FRONT_END],
    wsgi: {
      module: 'aodh_api:application',
      forked: true,
      threads: 4,
      beside: 'alarms.py',
      preload: [
        'aodh.evaluator.event',
        'aodh.evaluator.gnocchi',
        'aodh.notifier.trust',
        'aodh.storage.impl_sqlalchemy',
        'keystonemiddleware.auth_token',
        'oslo_messaging._drivers.impl_rabbit',
        'pymysql',
      ],
      environment: {},
      // Actions call this cloud and others.
      extra: { 'exec-asap': `cat ${SYSTEM_AUTHORITIES} ${AUTHORITY} > ${ALL_AUTHORITIES}` },
    },
    healthPath: '/healthcheck',
  });
}

export function aodhSchema(context: RenderContext): Job {
  return schemaJob(context, {
    ...aodh,
    databases: { database: 'aodh' },
    command: (path) => ['aodh-dbsync', '--config-file', path],
  });
}
