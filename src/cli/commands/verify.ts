import { loadConfigured } from '../../cloud/configured.ts';
import { verifyWithTempest } from '../../cloud/tempest.ts';
import { verify } from '../../cloud/verify.ts';
import { usageError } from '../../errors.ts';
import type { VerifyResult } from '../../verify/options.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../table.ts';
import { describeTempest } from '../tempest-report.ts';
import { exitCodeOf } from '../terminal.ts';

export const run: Command<'verify'> = async (options, [checks], terminal) => {
  const { tempest: asked, keepFailed = false } = options;
  const print = <R>(result: R, describe: (result: R) => string): void =>
    void process.stdout.write(
      options.output === 'json' ? `${JSON.stringify(result, null, 2)}\n` : describe(result),
    );
  if (asked === undefined) {
    const { result, verified } = await verify(
      await loadConfigured(options),
      { checks, keepFailed },
      terminal,
    );
    print(verified, describeVerified);
    return exitCodeOf(result);
  }
  if (checks.length > 0) throw usageError("checks are named of verify's own, not for --tempest");
  if (keepFailed) throw usageError("--keep-failed is for verify's own checks, not for --tempest");
  const tests = asked === true ? 'smoke' : asked;
  const { result, tempest } = await verifyWithTempest(await loadConfigured(options), { tests }, terminal);
  print(tempest, describeTempest);
  return exitCodeOf(result);
};

function describeVerified({ checks, ladder, leftBehind, kept, ok }: VerifyResult): string {
  const rows = checks.map(({ name, result, seconds, detail, error }) => [
    name,
    result,
    seconds.toFixed(1),
    detail.split('\n')[0] || (error?.message ?? ''),
  ]);
  const left = leftBehind.length > 0 ? `\nLeft behind: ${leftBehind.join('; ')}\n` : '';
  const keeping = kept === undefined ? '' : `\nKept to look at: project, user, network and server ${kept}\n`;
  const failed = checks.filter((check) => check.result === 'failed').length;
  const summary = ok
    ? 'The cloud does what its users expect.'
    : `${failed} of ${checks.length} checks failed.`;
  const explained = ladder === undefined ? '' : `\nThe server, from the hypervisor up:\n${ladder}\n`;
  return `${formatTable(['CHECK', 'RESULT', { title: 'SECONDS', spare: 1 }, { title: 'WHAT WAS SEEN', wraps: true }], rows)}\n${explained}${left}${keeping}\n${summary}\n`;
}
