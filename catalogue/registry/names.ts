import { CONFIG_DIR } from '../../src/model/workload.ts';

export const PROCESS = 'registry-server';
export const CONFIG_FILE = `${CONFIG_DIR}/registry.yml`;
