/** Gnocchi: measures over time. Its API and metricd are one process, since what comes in and what is kept are files of one volume. */

import type { RenderContext } from '../../src/model/context.ts';
import { literal, type OsloSections } from '../../src/model/oslo.ts';
import type { Job, Process } from '../../src/model/workload.ts';
import { usualNeeds } from '../common/needs.ts';
import { authTokenSections, databaseSection, databaseUrl } from '../common/sections.ts';
import { apiProcess, schemaJob } from '../common/workloads.ts';

export const GNOCCHI = 'gnocchi-api';
export const GNOCCHI_FRONT_END = 'gnocchi';
const VOLUME = 'gnocchi';
const STATE = '/var/lib/gnocchi';

const gnocchi = { service: 'telemetry', project: 'gnocchi', config: 'gnocchi.conf' } as const;

export const gnocchiNeeds = usualNeeds('gnocchi', {
  roles: ['service'],
  api: { type: 'metric', description: 'OpenStack Metric', port: 8041 },
});

function indexSections(context: RenderContext): OsloSections {
  return {
    indexer: { url: literal(databaseUrl(context, 'gnocchi')) },
    database: databaseSection(context, 'gnocchi'),
  };
}

export function gnocchiApi(context: RenderContext): Process {
  return apiProcess(context, {
    ...gnocchi,
    name: GNOCCHI,
    sections: (own) => [
      authTokenSections(own, 'gnocchi'),
      indexSections(own),
      {
        // Who works on which directory is settled by locks of this container.
        DEFAULT: { coordination_url: 'file:///tmp/coordination', parallel_operations: 4 },
        api: { auth_mode: 'keystone', enable_proxy_headers_parsing: true },
        // What comes in is beside it: Gnocchi 4.6.5 makes no directories for that elsewhere.
        storage: { driver: 'file', file_basepath: STATE },
        metricd: { workers: 1, metric_processing_delay: 5, metric_cleanup_delay: 60 },
      },
    ],
    wsgi: {
      module: 'gnocchi_api:application',
      forked: true,
      threads: 4,
      beside: 'metricd.py',
      preload: [
        'gnocchi.cli.metricd',
        'gnocchi.incoming.file',
        'gnocchi.indexer.sqlalchemy',
        'gnocchi.rest.api',
        'gnocchi.storage.file',
        'keystonemiddleware.auth_token',
        'pymysql',
        'tooz.drivers.file',
      ],
      // NumPy would start a thread for each processor, of which none is left after a fork.
      environment: { OPENBLAS_NUM_THREADS: '1' },
    },
    healthPath: '/healthcheck',
    more: {
      replicas: 1,
      update: 'recreate',
      volumes: [{ volume: VOLUME, path: STATE, sizeGiB: 10 }],
    },
  });
}

export const gnocchiVolumes = [VOLUME];

/** Tables, with the policies by which measures are kept that name none of their own. */
export function gnocchiSchema(context: RenderContext): Job {
  return schemaJob(context, {
    ...gnocchi,
    databases: { database: 'gnocchi' },
    sections: (own) => [indexSections(own)],
    command: (file) => ['gnocchi-upgrade', '--config-file', file, '--skip-storage', '--skip-incoming'],
  });
}
