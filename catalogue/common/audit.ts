import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

/**
 * Audit events of an API, by Keystone's middleware, in the form of CADF:
 * https://docs.openstack.org/keystonemiddleware/latest/audit.html
 */
export interface Pipelines {
  /** The service's own file of PasteDeploy. */
  file: string;
  /** Whose map tells what requests are about, of those that pycadf has. */
  map: string;
}

const FILTER_FILE = `${CONFIG_DIR}/audit.ini`;
const AUDITED_FILE = '/tmp/audited-paste.ini';

/** Requests that change nothing. */
const READING = 'GET,HEAD,OPTIONS';

/** Where the API finds its pipelines. */
export function pipelinesFile(context: RenderContext, { file }: Pipelines): string {
  return auditOf(context) ? AUDITED_FILE : file;
}

/** What such an API has more: the filter, and how it comes into each pipeline, behind what knows whose request it is. */
export function auditParts(
  context: RenderContext,
  { file: own, map }: Pipelines,
  gid: number,
): { files: RenderedFile[]; wsgi: Record<string, string> } {
  const audit = auditOf(context);
  if (!audit) return { files: [], wsgi: {} };
  const filter = `
[filter:audit]
paste.filter_factory = keystonemiddleware.audit:filter_factory
audit_map_file = /etc/pycadf/${map}_api_audit_map.conf
${audit === 'changes' ? `ignore_req_list = ${READING}\n` : ''}`;
  const insert = `sed -E 's/ (authtoken (keystone)?context) / \\1 audit /' ${own} ${FILTER_FILE} > ${AUDITED_FILE}`;
  return {
    files: [file(FILTER_FILE, filter, { gid, secret: false })],
    wsgi: { 'exec-asap': `${insert} && grep -q ' audit ' ${AUDITED_FILE}` },
  };
}

function auditOf(context: RenderContext): 'changes' | 'all' | undefined {
  return context.offered('notifications')?.audit;
}
