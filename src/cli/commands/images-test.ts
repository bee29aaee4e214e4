import { loadConfigured } from '../../cloud/configured.ts';
import { openImages } from '../../cloud/image-tools.ts';
import { ExitCode } from '../../errors.ts';
import { type ImageReport, testImage } from '../../images/check.ts';
import { findImage, usualImages } from '../../images/graph.ts';
import type { Command } from '../command.ts';

export const run: Command<'images test'> = async (options, [names], terminal) => {
  const { docker, graph } = await openImages(await loadConfigured(options));
  const images = names.length === 0 ? usualImages(graph) : names.map((name) => findImage(graph, name));
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
};

function describeReport({ image, passed, checks }: ImageReport): string {
  const shown = checks.filter((check) => !passed || check.detail !== '');
  const lines = shown.map(
    (check) => `      ${check.passed ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`,
  );
  return [`${passed ? ' ok ' : 'FAIL'}  ${image}`, ...lines].join('\n');
}
