import type { Proxies } from '../../src/images/build.ts';

/** What every long step is given. */
export interface Progress {
  /** One line about something that was done or takes long. */
  say(line: string): void;
  /** A line of output of a program that runs. */
  detail(line: string): void;
  signal: AbortSignal;
  /** Debian's archive, such as http://deb.debian.org/debian; undefined for Debian's own. */
  mirror: string | undefined;
  proxies: Proxies;
  environment: NodeJS.ProcessEnv;
  /** Folder for the logs of builds. */
  logs: string;
}
