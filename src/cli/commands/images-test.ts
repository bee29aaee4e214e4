import { loadConfigured } from '../../cloud/configured.ts';
import { openImages } from '../../cloud/image-tools.ts';
import { ExitCode } from '../../errors.ts';
import { type ImageReport, testImage } from '../../images/check.ts';
import { findImage } from '../../images/graph.ts';
import type { GlobalOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export async function run(
  options: GlobalOptions & { output: string },
  [names]: (string | string[] | undefined)[],
  terminal: Terminal,
): Promise<number> {
  const { docker, graph } = await openImages(await loadConfigured(options));
  const wanted = [names ?? []].flat();
  const images = wanted.length === 0 ? graph.images : wanted.map((name) => findImage(graph, name));
  const { signal } = terminal;
  const reports: ImageReport[] = [];
  for (const image of images) {
    const report = await testImage(docker, image, signal);
    reports.push(report);
    if (options.output !== 'json') process.stdout.write(`${describeReport(report)}\n`);
  }
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  const failed = reports.filter((report) => !report.passed).length;
  process.stderr.write(`images: ${reports.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? ExitCode.done : ExitCode.failed;
}

function describeReport({ image, passed, checks }: ImageReport): string {
  const shown = checks.filter((check) => !passed || check.detail !== '');
  const lines = shown.map(
    (check) => `      ${check.passed ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`,
  );
  return [`${passed ? ' ok ' : 'FAIL'}  ${image}`, ...lines].join('\n');
}
