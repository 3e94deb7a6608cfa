/**
 * The command line: finds the verb, runs it, and turns what went wrong into words and an exit code. It
 * knows no configuration and starts nothing itself. argv → verb → exit code.
 */
import { didYouMean } from "#config/nearest-name.ts";
import { printHelp } from "./help.ts";
import { EXIT, type Io } from "./io.ts";
import { paint } from "./terminal/paint.ts";
import { UsageError } from "./usage-error.ts";
import { VERBS } from "./verbs.ts";

/** Runs `berth` with the arguments after its name; the exit code. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [first = "", ...rest] = argv;
  const name = first === "--version" || first === "-V" ? "version" : first;
  try {
    if (name === "--help" || name === "-h") return await printHelp([], io);
    const verb = VERBS.get(name);
    if (verb === undefined) throw new UsageError(noVerb(name));
    return await (
      await verb.load()
    )(rest, io);
  } catch (error) {
    const usage = error instanceof UsageError;
    io.stderr.write(paint("red", `berth: ${describe(error)}`, io.stderr, io) + "\n");
    if (usage) io.stderr.write(`Try "berth help${VERBS.has(name) ? ` ${name}` : ""}".\n`);
    return usage ? EXIT.usage : EXIT.failure;
  }
}

function noVerb(name: string): string {
  const verbs = [...VERBS.keys()];
  const list = `there are ${verbs.join(", ")}`;
  if (name === "") return `say what to do: ${list}`;
  if (name.startsWith("-")) return `unknown flag "${name}"; flags come after the verb, and ${list}`;
  return `unknown verb "${name}"${didYouMean(name, verbs) || `; ${list}`}`;
}

/** Errors with a code say what happened in their message; any other is a mistake of ours and shows its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof UsageError || "code" in error ? error.message : (error.stack ?? error.message);
}
