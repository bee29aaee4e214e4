import { z } from 'zod';
import { duration, quantity, refuseTwice, section, word } from '../../src/model/settings/fields.ts';
import type { SettingsOf } from '../../src/model/settings/settings.ts';

const addresses = () =>
  z
    .array(
      word(
        /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
        'must be a host and a port such as 192.0.2.10:9100',
      ),
    )
    .superRefine(refuseTwice((address) => address))
    .default([])
    .meta({ kind: 'list of HOST:PORT' });

export const settings = {
  metrics: section({
    keep: duration('1h').default('15d').describe('For how long samples are kept.'),
    size: quantity('256Mi')
      .default('2Gi')
      .describe('How much of them is kept: then the oldest go, two hours of them at a time or more.'),
    scrape: addresses().describe(
      'What else is asked for metrics, at `/metrics`, such as the node_exporter of a machine.',
    ),
    alertmanagers: addresses().describe('Those that are told of alerts, over plain HTTP.'),
  }).describe('Metrics of the processes that others share, and alerts on them, by Prometheus.'),
};

export type MetricsSettings = SettingsOf<typeof settings>;
