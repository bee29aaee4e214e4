import { describe, expect, it } from 'vitest';
import { type InstanceStepArgs, makeStep } from '../plan/instance-steps.ts';
import { summarizeStep } from '../plan/steps.ts';
import type { RunEvent, StepSummary } from './events.ts';
import { renderTimeline } from './timeline.ts';

function makeSummary(kind: keyof InstanceStepArgs, resource: string, dependsOn: string[] = []): StepSummary {
  const fields = { subject: resource, resource, group: 'test', cause: 'test', dependsOn };
  return summarizeStep(makeStep(kind, { ...fields, args: {} as never }));
}

const events: RunEvent[] = [
  {
    at: 5000,
    type: 'run.started',
    title: 'Up <demo>',
    steps: [
      makeSummary('image.build', 'nova'),
      makeSummary('volume.create', 'data'),
      makeSummary('instance.start', 'nova', ['image.build nova', 'volume.create data']),
      makeSummary('instance.wait', 'nova', ['instance.start nova']),
      makeSummary('job.run', 'never', ['instance.wait nova']),
    ],
  },
  { at: 5000, type: 'step.started', id: 'image.build nova' },
  { at: 5000, type: 'step.started', id: 'volume.create data' },
  { at: 5400, type: 'step.finished', id: 'volume.create data' },
  { at: 8000, type: 'step.finished', id: 'image.build nova' },
  { at: 8000, type: 'step.started', id: 'instance.start nova' },
  { at: 9000, type: 'step.finished', id: 'instance.start nova' },
  { at: 9000, type: 'step.started', id: 'instance.wait nova' },
  { at: 15000, type: 'step.skipped', id: 'instance.wait nova', because: 'the run was interrupted' },
  { at: 15000, type: 'step.skipped', id: 'job.run never', because: 'the run was interrupted' },
  { at: 15000, type: 'run.finished', result: 'interrupted', finished: 3, failed: 0, skipped: 2 },
];

describe('renderTimeline', () => {
  const svg = renderTimeline(events);
  const barOf = (id: string) => svg.split('\n').find((line) => line.includes(`<title>${id}:`));

  it('has a row per resource and a bar per step that started, along an axis in seconds', () => {
    expect(svg.match(/class="label"[^>]*>[^<]*/g)?.map((text) => text.replace(/.*>/, ''))).toEqual([
      'image nova',
      'data',
      'nova',
    ]);
    expect(barOf('instance.start nova')).toContain('x="490"');
    expect(barOf('instance.start nova')).toContain('width="90"');
    expect(barOf('job.run never')).toBeUndefined();
    expect(svg).toContain('>10 s</text>');
  });

  it('outlines the critical path and hatches waits', () => {
    expect(barOf('image.build nova')).toContain('critical');
    expect(barOf('volume.create data')).not.toContain('critical');
    expect(barOf('instance.wait nova')).toContain('url(#waiting)');
    expect(barOf('instance.wait nova')).toContain('6.0 s, from 4.0 s, skipped');
  });

  it('escapes text', () => {
    expect(svg).toContain('Up &#60;demo&#62;');
  });

  it('draws an empty run', () => {
    expect(renderTimeline([])).toContain('<svg');
  });
});
