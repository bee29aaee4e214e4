import type { CloudChoice } from '../cloud/choice.ts';

/** Options that every command takes. */
export interface GlobalOptions extends CloudChoice {
  progress: 'auto' | 'plain' | 'json';
}
