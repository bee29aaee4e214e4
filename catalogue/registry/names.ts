import { CONFIG_DIR } from '../../src/model/workload.ts';

export const PROCESS = 'registry-server';
export const PORT = 5000;
export const CONFIG_FILE = `${CONFIG_DIR}/registry.yml`;
/** The project in Keystone that has what the registry keeps, and the container in Swift. */
export const PROJECT = 'registry';
/** The user in Keystone of processes outside of the cloud. */
export const READER = 'registry-reader';
/** Whom the registry lets in, for all that it has. */
export const USER = 'gantry';
export const PASSWORD = 'registry-password';
