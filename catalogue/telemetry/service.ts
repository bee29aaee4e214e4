import { mergeDeclarations } from '../../src/model/declaration.ts';
import { defineService } from '../../src/model/service.ts';
import { AODH, aodhApi, aodhNeeds, aodhSchema } from './aodh.ts';
import {
  CENTRAL,
  COMPUTE,
  ceilometerNeeds,
  centralAgent,
  computeAgent,
  NOTIFICATION,
  notificationAgent,
  resourceTypes,
} from './ceilometer.ts';
import { GNOCCHI, gnocchiApi, gnocchiNeeds, gnocchiSchema, gnocchiVolumes } from './gnocchi.ts';
import { settings } from './settings.ts';

export default defineService({
  name: 'telemetry',
  summary: 'What servers use, measured over time, and alarms on it',
  byDefault: false,
  required: false,
  processNames: {
    [GNOCCHI]: { replicas: false, workers: true },
    [AODH]: { replicas: true, workers: true },
    [NOTIFICATION]: { replicas: true },
    [COMPUTE]: { replicas: false },
    [CENTRAL]: { replicas: false, bySettings: true },
  },
  dataVolumes: gnocchiVolumes,
  configFiles: { 'aodh.conf': {}, 'ceilometer.conf': {}, 'gnocchi.conf': {} },
  settings,
  declare: () => mergeDeclarations(gnocchiNeeds, ceilometerNeeds, aodhNeeds),
  render: (context) => ({
    processes: [
      gnocchiApi(context),
      notificationAgent(context),
      computeAgent(context),
      ...(context.settings.telemetry.inventory ? [centralAgent(context)] : []),
      aodhApi(context),
    ],
    jobs: [gnocchiSchema(context), aodhSchema(context), resourceTypes(context)],
    tasks: [],
  }),
});
