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

/** What hands that know docker type: a guess at a verb of Berth's could do something else entirely. */
const DOCKER_VERBS: ReadonlySet<string> = new Set(
  (
    "attach build commit compose container context cp create diff events export history image info kill load login " +
    "logout network pause port push rename restart rmi save search stats system tag top unpause update volume wait"
  ).split(" "),
);

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
  if (DOCKER_VERBS.has(name))
    return (
      `there is no verb "${name}"; docker has it: ` +
      `DOCKER_HOST=unix:///run/berth/engine.sock docker ${name} (docs/engine.md)`
    );
  if (name.startsWith("-")) return `unknown flag "${name}"; flags come after the verb, and ${list}`;
  return `unknown verb "${name}"${didYouMean(name, verbs) || `; ${list}`}`;
}

/** Errors with a code say what happened in their message; any other is a mistake of ours and shows its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof UsageError || "code" in error ? error.message : (error.stack ?? error.message);
}
