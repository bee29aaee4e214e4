import { describe, expect, it } from 'vitest';
import { plan } from './planner.ts';
import { makeDesired, makeJob, makeMariadb, observeNothing } from './testing/workloads.ts';

describe('plan', () => {
  it('refuses dependencies that do not exist', () => {
    const desired = makeDesired({ processes: [makeMariadb({ after: ['job:nowhere'] })] });
    expect(() => plan(desired, observeNothing())).toThrow(
      expect.objectContaining({
        code: 'plan.unknown-dependency',
        whose: 'bug',
        message: 'process:mariadb depends on job:nowhere, which does not exist in this cloud.',
      }),
    );
  });

  it('names a dependency cycle, also one through the ledger', () => {
    const desired = makeDesired({
      processes: [makeMariadb({ after: ['job:prepare'] })],
      jobs: [makeJob('prepare')],
    });
    expect(() => plan(desired, observeNothing())).toThrow(
      expect.objectContaining({
        code: 'plan.cycle',
        whose: 'bug',
        message: 'A dependency cycle: process:mariadb needs job:prepare needs process:mariadb.',
      }),
    );
  });

  it('refuses a workload whose image is unknown', () => {
    const desired = makeDesired({ processes: [makeMariadb({ image: 'nowhere' })] });
    expect(() => plan(desired, observeNothing())).toThrow(
      expect.objectContaining({ code: 'plan.unknown-image', whose: 'bug' }),
    );
  });
});
