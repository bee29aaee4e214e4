import { formatSize } from '../../model/settings/units.ts';
import type { RunEvent } from '../../run/events.ts';
import { describeError } from '../report.ts';
import type { Style } from './style.ts';

/**
 * Lines for what is no step of a plan: activities and images as they end, what is waited for while it changes, notices.
 * No line for anything else. Kept for the length of a run, since what was said is not said again.
 */
export function createLines({ colours }: Style): (event: RunEvent) => string[] {
  const said = new Map<string, string>();
  const quarters = new Map<string, number>();
  return (event) => {
    switch (event.type) {
      case 'activity.waiting':
        if (said.get(event.name) === event.reason) return [];
        said.set(event.name, event.reason);
        return [`  ... ${event.name}: ${event.reason}`];
      case 'activity.progress': {
        const { name, done, total } = event;
        const quarter = total ? Math.floor((done / total) * 4) : 0;
        if (quarter <= (quarters.get(name) ?? 0) || quarter >= 4) return [];
        quarters.set(name, quarter);
        return [`  ... ${name}: ${formatSize(done)} of ${formatSize(total ?? done)}`];
      }
      case 'activity.finished':
        return [describeActivity(event)];
      case 'image.progress':
        return [`  ... ${event.image} ${event.done + 1}/${event.total}: ${event.text}`];
      case 'image.finished':
        return [describeImage(event)];
      case 'notice':
        return [`${event.level === 'warning' ? `${colours.yellow('warning')}: ` : ''}${event.text}`];
      default:
        return [];
    }
  };
}

function describeActivity(event: Extract<RunEvent, { type: 'activity.finished' }>): string {
  const { name, result, seconds, detail, error } = event;
  const mark = { ok: ' ok ', failed: 'FAIL', skipped: 'skip' }[result];
  const text = error ?? detail;
  return `${mark}  ${name}${text ? `: ${text}` : ''}${seconds >= 0.1 ? ` (${seconds.toFixed(1)} s)` : ''}`;
}

function describeImage(event: Extract<RunEvent, { type: 'image.finished' }>): string {
  const { image, status, seconds = 0, because, error } = event;
  if (status === 'skipped') return `skip  ${image}: ${because}`;
  if (status === 'failed') return `FAIL  ${image}${error ? `\n${describeError(error)}` : ''}`;
  return ` ok   ${image} ${status} (${seconds.toFixed(1)} s)`;
}
