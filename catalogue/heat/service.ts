import { mergeDeclarations } from '../../src/model/declaration.ts';
import { defineService } from '../../src/model/service.ts';
import { take } from '../../src/model/take.ts';
import { usualNeeds } from '../common/needs.ts';
import { apiProcess, rpcWorker, schemaJob } from '../common/workloads.ts';
import {
  apiSections,
  baseSections,
  CFN_FRONT_END,
  CFN_PORT,
  DOMAIN,
  DOMAIN_ADMIN,
  ENCRYPTION_KEY,
  engineSections,
  PORT,
  pipelines,
  policyFiles,
  STACK_USER,
  TRUSTEE,
} from './config.ts';

const service = { service: 'heat', config: 'heat.conf' } as const;
const API = 'heat-api';

export default defineService({
  name: 'heat',
  summary: 'Orchestration: stacks of resources, made from templates',
  byDefault: false,
  required: false,
  processNames: {
    [API]: { replicas: true, workers: true },
    'heat-engine': { replicas: true, workers: true },
  },
  configFiles: { 'heat.conf': {} },
  declare: () => {
    const usual = usualNeeds('heat', {
      broker: true,
      roles: ['service'],
      api: {
        type: 'orchestration',
        description: 'OpenStack Orchestration',
        port: PORT,
        path: '/v1/%(project_id)s',
      },
    });
    return mergeDeclarations(
      { ...usual, frontends: usual.frontends?.map((frontend) => ({ ...frontend, forServers: true })) },
      {
        secrets: [
          { name: TRUSTEE, kind: 'password' },
          { name: DOMAIN_ADMIN, kind: 'password' },
          // Heat takes 32 characters, as passwords have.
          { name: ENCRYPTION_KEY, kind: 'password' },
        ],
        accounts: [
          { user: TRUSTEE, secret: TRUSTEE, roles: [], trustee: true },
          {
            user: DOMAIN_ADMIN,
            secret: DOMAIN_ADMIN,
            domain: DOMAIN,
            roles: [],
            assignments: [{ roles: ['admin'], scope: { domain: DOMAIN } }],
          },
        ],
        roles: [{ name: STACK_USER }],
        endpoints: [
          {
            service: CFN_FRONT_END,
            type: 'cloudformation',
            description: 'OpenStack Orchestration by the API of CloudFormation',
            frontend: CFN_FRONT_END,
            path: '/v1',
          },
        ],
        frontends: [
          {
            name: CFN_FRONT_END,
            kind: 'http',
            process: API,
            port: CFN_PORT,
            publicPort: CFN_PORT,
            forServers: true,
          },
        ],
      },
    );
  },
  render: (context) => ({
    processes: [
      apiProcess(context, {
        ...service,
        name: API,
        sections: (own) => [...baseSections(own), ...apiSections(own)],
        files: policyFiles,
        wsgi: {
          module: 'heat_apis:application',
          environment: {},
          extra: { pythonpath: '/usr/local/lib/gantry', 'http-socket': `0.0.0.0:${CFN_PORT}` },
        },
        pipelines,
        healthPath: '/healthcheck',
        more: {
          ports: [
            { name: 'api', port: PORT },
            { name: 'cfn', port: CFN_PORT },
          ],
        },
      }),
      rpcWorker(context, {
        ...service,
        name: 'heat-engine',
        sections: (own) => {
          take(own, 'frontDoor');
          return [...baseSections(own), ...engineSections(own)];
        },
        later: ['keyManager', 'identity'],
      }),
    ],
    jobs: [
      schemaJob(context, {
        ...service,
        databases: { database: 'heat' },
        command: (file) => ['heat-manage', '--config-file', file, 'db_sync'],
      }),
    ],
    tasks: [],
  }),
});
