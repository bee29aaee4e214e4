import { literal, mergeSections, type OsloSections, renderOsloIni } from '../model/oslo.ts';
import { PREFIX } from './part.ts';

export interface TempestCredentials {
  user: string;
  password: string;
  project: string;
}

/**
 * tempest.conf without anything secret.
 * @param testable the services that Tempest has tests for: it takes them for available where nothing is said
 * @param parts what the services of the cloud say
 */
export function tempestSections(testable: readonly string[], parts: readonly OsloSections[]): OsloSections {
  const own: OsloSections = {
    DEFAULT: {
      resource_name_prefix: PREFIX,
      use_stderr: true,
      debug: true,
    },
    auth: { use_dynamic_credentials: true, admin_domain_name: 'Default' },
    oslo_concurrency: { lock_path: '/tmp' },
    service_available: Object.fromEntries(testable.map((name) => [name, false])),
  };
  return mergeSections(own, ...parts);
}

/** The text of tempest.conf; without credentials it is for people to read. */
export function renderTempestConf(
  sections: OsloSections,
  credentials?: TempestCredentials,
  secrets: readonly OsloSections[] = [],
): string {
  if (!credentials) return renderOsloIni(sections);
  const { user, password, project } = credentials;
  const auth = { admin_username: user, admin_password: literal(password), admin_project_name: project };
  return renderOsloIni(mergeSections(sections, { auth }, ...secrets));
}
