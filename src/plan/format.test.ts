import { describe, expect, it } from 'vitest';
import { planToJson } from './format.ts';
import { plan } from './planner.ts';
import { makeCloud } from './testing/cloud.ts';
import { observeNothing } from './testing/workloads.ts';

describe('planToJson', () => {
  it('holds no file content', () => {
    const json = planToJson(plan(makeCloud(), observeNothing()));
    expect(JSON.stringify(json)).not.toContain('hush-hush');
    expect(json.summary).toEqual({ create: 5, change: 0, replace: 0, destroy: 0, run: 2, wait: 0 });
    expect(json.steps.find((step) => step.id === 'instance.wait nova-api.0')).toEqual({
      id: 'instance.wait nova-api.0',
      kind: 'instance.wait',
      resource: 'nova-api',
      group: 'nova',
      cause: 'new',
      dependsOn: ['instance.start nova-api.0'],
      destroys: false,
    });
  });
});
