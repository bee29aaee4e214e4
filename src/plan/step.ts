/** What becomes of the thing that a step is about. */
export type ChangeKind = 'create' | 'change' | 'replace' | 'destroy' | 'run' | 'wait';

/** What holds of all steps of one kind. */
export interface KindTraits {
  /** What it does, to go before the name of what it is about: "start". */
  verb: string;
  change: ChangeKind;
  /** How long it usually takes; only the proportions matter, for what to start first. */
  seconds: number;
  /** How many run at the same time; any number unless said. */
  limit?: number | { perCore: number };
}

/** One call to an engine, as seen by what orders, runs and shows steps of whichever engine. */
export interface Step extends KindTraits {
  kind: string;
  /** Unique within the plan and stable: `instance.start nova-api.0`. */
  id: string;
  /** What it is about, such as `nova-api`. */
  resource: string;
  /** Service for grouping in displays; `images`, `network` and the like for what belongs to none. */
  group: string;
  /** Why, in words: "config of nova-api changed: [api] max_limit". */
  cause: string;
  /** Ids of the steps that must have succeeded. */
  dependsOn: string[];
  /** True when data is lost by it. */
  destroys: boolean;
  /** May hold files with secrets: never printed. */
  args: unknown;
}

/** A step of the kinds whose arguments `Args` gives. */
export type StepOf<Args, Kinds extends keyof Args = keyof Args> = {
  [Kind in Kinds]: Step & { kind: Kind; args: Args[Kind] };
}[Kinds];

export interface Plan<S extends Step = Step> {
  cloud: string;
  steps: S[];
}
