import { writeFile } from 'node:fs/promises';
import { loadConfigured } from '../../cloud/configured.ts';
import { timelineOf } from '../../cloud/runs.ts';
import { bringUp } from '../../cloud/up.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { printDemo } from '../demo.ts';
import { printWarnings } from '../report.ts';
import { exitCodeOf, type Terminal } from '../terminal.ts';
import { printPlan } from './plan.ts';

export const run: Command<'up'> = async (options, _arguments, terminal) => {
  const configured = await loadConfigured(options);
  if (options.dryRun) {
    await printPlan(configured, { output: 'table' }, terminal);
    return ExitCode.done;
  }
  printWarnings(configured.loaded.warnings, process.stderr);
  let id: string | undefined;
  const { confirm, signal } = terminal;
  const emit: Terminal['emit'] = (event) => {
    id = event.run;
    terminal.emit(event);
  };
  try {
    const { result, steps, demo } = await bringUp(configured, options, { emit, confirm, signal });
    if (result === 'done' && steps > 0) {
      process.stderr.write(
        'Next: gantry status | gantry demo | gantry openstack server list | gantry env | gantry verify\n',
      );
    }
    if (demo) printDemo(demo);
    return exitCodeOf(result);
  } finally {
    if (options.timeline !== undefined && id !== undefined) {
      const picture = await timelineOf(configured, id);
      if (picture !== undefined) await writeFile(options.timeline, picture);
    }
  }
};
