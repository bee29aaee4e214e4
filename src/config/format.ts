import { stringify } from 'yaml';
import type { CloudConfig } from './schema.ts';

/** A configuration as the text of a cloud.yaml that loads to the same. */
export function formatCloudConfig(config: CloudConfig): string {
  return stringify(config, { version: '1.2', schema: 'core', aliasDuplicateObjects: false, lineWidth: 0 });
}
