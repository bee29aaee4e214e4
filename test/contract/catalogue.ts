import type { RenderedCloud } from './cloud.ts';
import {
  findForeignWorkloads,
  findRepeatedNames,
  findWrongConfigFiles,
  findWrongDataVolumes,
  findWrongOrder,
  findWrongProcessNames,
} from './rules/names.ts';
import {
  findRepeatedPorts,
  findWrongFrontends,
  findWrongHealthChecks,
  findWrongPorts,
  findWrongUpdates,
} from './rules/network.ts';
import { findWrongMounts, findWrongUsers } from './rules/privileges.ts';
import { findWrongReach } from './rules/reach.ts';
import {
  findShownSecrets,
  findUnusedDeclarations,
  findWrongFiles,
  findWrongSecrets,
} from './rules/secrets.ts';

/** A rule gives what breaks it, in words; nothing where it is kept. */
export type Rule = (cloud: RenderedCloud) => string[];

/** What every catalogue keeps to, by name: a broken entry fails here, not in a user's deployment. */
export const rules: Record<string, Rule> = {
  'names are unique': findRepeatedNames,
  'process names are known before rendering': findWrongProcessNames,
  'volumes are known before rendering': findWrongDataVolumes,
  'everything belongs to a service': findForeignWorkloads,
  'configuration files have readers': findWrongConfigFiles,
  'the order exists and has no cycle': findWrongOrder,
  'ports are held once': findRepeatedPorts,
  'ports are ports': findWrongPorts,
  'front ends lead to processes': findWrongFrontends,
  'what is reached is said': findWrongReach,
  'what may run twice holds nothing that is there once': findWrongUpdates,
  'processes have health checks': findWrongHealthChecks,
  'secrets are declared and used': findWrongSecrets,
  'databases, broker users and accounts are logged in with': findUnusedDeclarations,
  'secrets are in secret files only': findShownSecrets,
  'files are readable by their workload alone': findWrongFiles,
  'users are the fixed ones': findWrongUsers,
  'paths are mounted once': findWrongMounts,
};
