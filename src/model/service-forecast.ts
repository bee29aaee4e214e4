/**
 * What a service knows before one of its jobs runs: what that would come to, or that it would refuse. The default export
 * of `catalogue/SERVICE/forecast.ts`.
 */
export interface ServiceForecast {
  job: string;
  /** The process that knows: the first instance that runs is asked, by this command, and has changed nothing by it. */
  process: string;
  command: readonly string[];
  /** Path of the file of the job that the command gets as its standard input. */
  input: string;
  read(answer: string): Forecast;
}

export interface Forecast {
  /** What the job would do, in words; empty where that is not worth a word. */
  text: string;
  /** Why it would refuse: then nothing is begun. */
  refused?: string;
}
