import type { ServiceStatus } from '../../src/model/service-status.ts';
import { PROCESS, query, type Sample } from './names.ts';

/** Labels that say which alert it is, and nothing of what it is about. */
const USUAL = ['__name__', 'alertname', 'alertstate', 'severity', 'cloud'];

/** The alerts that hold now. Those that are waited for are left out: most of them never come. */
export default {
  service: 'metrics',
  process: PROCESS,
  command: query('ALERTS{alertstate="firing"}'),
  read(answer) {
    const alerts = (JSON.parse(answer) as Sample[]).map(({ metric }) => ({
      alert: metric.alertname ?? '',
      severity: metric.severity ?? '',
      about: Object.entries(metric)
        .filter(([label, value]) => !USUAL.includes(label) && value !== '')
        .map(([label, value]) => `${label}=${value}`)
        .sort()
        .join(' '),
    }));
    alerts.sort((one, other) => order(one).localeCompare(order(other)));
    return {
      columns: ['ALERT', 'SEVERITY', 'ABOUT'],
      rows: alerts.map(({ alert, severity, about }) => [alert, severity, about]),
      problems: alerts.map(({ alert, about }) => (about === '' ? alert : `${alert}: ${about}`)),
      data: { alerts },
    };
  },
} satisfies ServiceStatus;

function order({ severity, alert, about }: { severity: string; alert: string; about: string }): string {
  return `${severity} ${alert} ${about}`;
}
