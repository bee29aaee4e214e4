/** What a service tells of itself beside its processes: the default export of `catalogue/SERVICE/status.ts`. */
export interface ServiceStatus {
  service: string;
  /** The process that knows: the first instance that runs is asked, by this command. */
  process: string;
  command: readonly string[];
  read(answer: string): ServiceState;
}

export interface ServiceState {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** What an operator must do something about. */
  problems: readonly string[];
  /** All of it, for other programs. */
  data: object;
}
