import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../../test/contract/cloud.ts';

const services = await loadCatalogue(projectRoot());
const audited = ['cinder-api', 'glance-api', 'heat-api', 'neutron-api', 'nova-api', 'nova-metadata'];

function filesOf(settings: Record<string, unknown>, all = services) {
  const { processes } = renderCloud(all, { settings }).desired;
  return (process: string, end: string) =>
    processes.find(({ name }) => name === process)?.files.find(({ path }) => path.endsWith(end))?.content ??
    '';
}

describe('audit', () => {
  test.each(audited)('comes into the pipelines of %s where it is asked for', (process) => {
    const fileOf = filesOf({ audit: true });
    expect(fileOf(process, '/uwsgi.ini')).toContain('\nexec-asap = sed ');
    expect(fileOf(process, '/audit.ini')).toContain('ignore_req_list = GET,HEAD,OPTIONS\n');
    expect(filesOf({ audit: 'all' })(process, '/audit.ini')).not.toContain('ignore_req_list');
  });

  test.each([
    ['is not asked for', {}, services],
    ['tells nobody', { audit: true }, services.filter(({ name }) => !['events', 'telemetry'].includes(name))],
  ])('is in none where it %s', (_, settings, all) => {
    const fileOf = filesOf(settings, all);
    for (const process of audited) {
      expect(fileOf(process, '/audit.ini')).toBe('');
      expect(fileOf(process, '/uwsgi.ini')).not.toContain('exec-asap');
    }
    expect(fileOf('nova-api', '/nova.conf')).toContain('api_paste_config = /etc/nova/api-paste.ini\n');
  });

  test('is behind what knows whose request it is, and a file without such a pipeline is an error', () => {
    const line = /^exec-asap = (.*)$/m.exec(filesOf({ audit: true })('nova-api', '/uwsgi.ini'))?.[1] ?? '';
    const directory = mkdtempSync(join(tmpdir(), 'gantry-audit-'));
    try {
      const own = join(directory, 'api-paste.ini');
      const filter = join(directory, 'audit.ini');
      const written = join(directory, 'audited.ini');
      writeFileSync(filter, '[filter:audit]\n');
      const command = line
        .replaceAll('/etc/nova/api-paste.ini', own)
        .replaceAll('/etc/gantry/audit.ini', filter)
        .replaceAll('/tmp/audited-paste.ini', written);
      const rewrite = (text: string) => {
        writeFileSync(own, text);
        return spawnSync('sh', ['-c', command]).status;
      };
      expect(rewrite('keystone = cors authtoken keystonecontext api\nnoauth2 = cors noauth2 api\n')).toBe(0);
      expect(readFileSync(written, 'utf8')).toBe(
        'keystone = cors authtoken keystonecontext audit api\nnoauth2 = cors noauth2 api\n[filter:audit]\n',
      );
      expect(rewrite('default = cors authtoken context osprofiler api\n')).toBe(0);
      expect(rewrite('keystone = cors api\n')).not.toBe(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
