import type { z } from 'zod';

/**
 * What a service takes from cloud.yaml: top-level keys, each a field or a section of fields.ts, with the description that
 * docs/configuration.md shows. Of a section that several have a part in, such as `network`, each says its own keys.
 */
export type SettingsShape = Readonly<Record<string, z.ZodType>>;

/** The values of such settings, with defaults filled in. */
export type SettingsOf<Shape extends SettingsShape> = z.output<z.ZodObject<Shape>>;

/** What is wrong beside other settings, where each is right by itself; said at the key, where the user gives it. */
export interface SettingsFinding {
  path: readonly string[];
  /** The other setting that it is wrong beside, of which the place is said as well. */
  beside?: readonly string[];
  /** `warning`: it changes nothing. */
  level: 'error' | 'warning';
  /** Completes "<path> ...". */
  message: string;
  next?: string;
}

/**
 * When a value is held against what it names: `load` in every command, before anything is asked of an engine; `plan` in
 * plan, doctor and up; `up` in doctor and up; `run` where it is used.
 */
export type CheckTime = 'load' | 'plan' | 'up' | 'run';

export interface OutsideName {
  /** What the value names of the machine, the network or the cluster. */
  names: string;
  /** Who finds out that it is wrong: the code of the error, the name of the finding, or the program. */
  checks: readonly { when: CheckTime; by: string }[];
}

/** Says of a setting that it names something outside the cloud; the values of others mean something inside it only. */
export function outside<Field extends z.ZodType>(field: Field, name: OutsideName): Field {
  return field.meta({ ...field.meta(), outside: name }) as Field;
}
