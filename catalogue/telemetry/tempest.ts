import { defineTempestPart } from '../../src/tempest/part.ts';

export default defineTempestPart({
  prepare: async () => undefined,
  sections: () => ({
    service_available: { aodh: true, ceilometer: true, gnocchi: true },
    telemetry_services: { metric_backends: 'gnocchi', alarm_backend: 'mysql' },
  }),
});
