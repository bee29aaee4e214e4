import type { RenderContext } from '../../src/model/context.ts';
import { jsonFile } from '../../src/model/make.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

const FILE = `${CONFIG_DIR}/vendor-data.json`;

/** Whether there is something of the cloud's for servers to call, by a certificate of the cloud's own authority. */
function callsCloud({ declared, certificate }: RenderContext): boolean {
  return declared.frontends.some(({ forServers }) => forServers) && certificate.authority !== '';
}

/**
 * What servers are told beside what their users tell them: cloud-init has them trust the authority.
 * https://docs.openstack.org/nova/latest/admin/vendordata.html
 * https://cloudinit.readthedocs.io/en/latest/reference/modules.html#ca-certificates
 */
export function vendorDataFiles(context: RenderContext): RenderedFile[] {
  if (!callsCloud(context)) return [];
  const trusted = JSON.stringify({ ca_certs: { trusted: [context.certificate.authority] } });
  return [jsonFile(FILE, { 'cloud-init': `#cloud-config\n${trusted}\n` }, { gid: users.nova })];
}

export function vendorDataSections(context: RenderContext): OsloSections {
  if (!callsCloud(context)) return {};
  return { api: { vendordata_providers: 'StaticJSON', vendordata_jsonfile_path: FILE } };
}
