import { PassThrough, Writable } from 'node:stream';
import type { ExecOptions } from '../engine/engine.ts';
import { KeptOutput } from '../engine/output.ts';
import { GantryError } from '../errors.ts';
import { CLIENT_FILES } from '../model/client.ts';
import { HERE } from './places.ts';

/** Runs a command in the client's container; resolves to its exit code. */
export type Exec = (command: string[], options: ExecOptions) => Promise<number>;

/** A directory of one call in the client's container. */
export interface ClientSession {
  directory: string;
  /** The command with what lets the end of the session end it. */
  wrap(command: string[]): string[];
  /** Removes the directory; a command that is still under way is ended before. */
  end(how: 'done' | 'interrupted'): Promise<void>;
}

/**
 * Lives as long as its standard input is open, and then takes the directory with it: however Gantry ends, the engine
 * closes the input. Directories of sessions that were killed themselves are locked by nobody, and go with the next one.
 */
const script = `umask 077
cd "$1" && exec 8> .lock && flock 8 || exit 1
for old in */; do [ ! -d "$old" ] || flock -n "$old/lock" rm -rf "$old"; done
directory=$(mktemp -d "$1/XXXXXXXX") && mkdir "$directory/${HERE}" "$directory/files" || exit 1
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
exec 9> "$directory/lock" && flock 9 && exec 8>&- || exit 1
echo "$directory"
if read -r word; then exit 0; fi
[ -e "$directory/pid" ] || exit 0
pid=$(cat "$directory/pid")
kill -TERM "$pid" 2>/dev/null || exit 0
for try in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; kill -0 "$pid" 2>/dev/null || exit 0; done
kill -KILL "$pid"`;

const wrapper = `echo $$ > "$1/pid" && cd "$1/${HERE}" && shift && exec "$@"`;

export async function openSession(exec: Exec, base: string = CLIENT_FILES): Promise<ClientSession> {
  const stdin = new PassThrough();
  const problems = new KeptOutput(4096);
  let known: (directory: string) => void = () => {};
  const opened = new Promise<string>((resolve) => {
    known = resolve;
  });
  let said = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      if (said.endsWith('\n')) known(said.trim());
      done();
    },
  });
  const finished = exec(['sh', '-c', script, 'sh', base], { stdin, stdout, stderr: problems });
  const directory = await Promise.race([opened, finished.then(() => undefined)]);
  if (directory === undefined) {
    throw new GantryError({
      code: 'client.no-place',
      whose: 'environment',
      message: "the client's container has no place for files",
      why: problems.text.trim(),
      next: 'A cloud that an older Gantry made gets one with "gantry up".',
    });
  }
  // Looked at when the session ends.
  finished.catch(() => undefined);
  return {
    directory,
    wrap: (command) => ['sh', '-c', wrapper, 'sh', directory, ...command],
    end: async (how) => {
      stdin.end(how === 'done' ? 'done\n' : undefined);
      await finished;
    },
  };
}
