import { openRunningCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { openAdministration } from '../../cloud/session.ts';
import { checkVolumes } from '../../cloud/volumes.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { formatFindings } from '../volume-table.ts';

/** Exits with 1 where something is wrong, or a hypervisor does not say which disks its servers have. */
export const run: Command<'volumes check'> = async (options, _arguments, terminal) => {
  const cloud = await openRunningCloud(await loadConfigured(options), {}, terminal);
  const admin = await openAdministration(cloud, terminal.signal, (text) => process.stderr.write(`${text}\n`));
  try {
    const { findings, silent, volumes } = await checkVolumes(cloud, admin);
    if (options.output === 'json') {
      process.stdout.write(`${JSON.stringify({ volumes, findings, silent }, null, 2)}\n`);
    } else {
      const mendable = findings.filter(({ mends }) => mends.length > 0).length;
      const lines = [
        ...(findings.length > 0 ? [`${formatFindings(findings)}\n`] : []),
        ...silent.map((one) => `${one} does not say which disks its servers have`),
        `${findings.length} of ${volumes} volumes and their servers to look at`,
        ...(mendable > 0 ? [`"gantry volumes repair" mends ${mendable} of them`] : []),
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    }
    return findings.length + silent.length > 0 ? ExitCode.failed : ExitCode.done;
  } finally {
    await admin.close();
  }
};
