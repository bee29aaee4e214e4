/** How many values an argument takes, as argparse says it. */
export type Count = number | '?' | '*' | '+';

/** What a command takes. */
export interface CommandArguments {
  options: Record<string, Count>;
  positionals: [name: string, count: Count][];
  /** Of its arguments, those that name files. */
  files: Record<string, FileUse>;
}

/** Commands of the client: the names of all, and the arguments of those that take files; its own under the empty name. */
export interface ArgumentTable {
  names: string[];
  commands: Record<string, CommandArguments>;
}

/**
 * What an argument that names a file of the user does with it:
 * - `in`: the client reads it
 * - `in-named`: the same, and names what it makes after the path as it is given, unless `--name` says otherwise
 * - `in-or-stdin`: the same, where the command reads standard input without the option
 * - `in-or-text`: the client reads it where there is such a file, and else takes the argument itself
 * - `in-after-equals`: the client reads what stands after the first `=`
 * - `in-template`: the client reads it, and what it names: a template or an environment of Heat
 * - `out`: the client writes it
 * - `out-secret`: the same, for its user's eyes only
 * - `out-new`: the same, but it refuses where there is such a file
 * - `out-append`: the client adds to it
 */
export type FileUse =
  | 'in'
  | 'in-named'
  | 'in-or-stdin'
  | 'in-or-text'
  | 'in-after-equals'
  | 'in-template'
  | 'out'
  | 'out-secret'
  | 'out-new'
  | 'out-append';

/** catalogue/client/files.yaml: by command and argument. */
export interface FileRules {
  files: Record<string, Record<string, FileUse>>;
  /** Arguments that speak of files and take none. */
  notFiles: Record<string, string[]>;
}
