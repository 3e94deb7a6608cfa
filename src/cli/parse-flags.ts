import { parseArgs } from "node:util";
import { didYouMean } from "#config/nearest-name.ts";
import { UsageError } from "./usage-error.ts";

export interface FlagSpec {
  type: "string" | "boolean";
  short?: string;
  /** May be given several times. */
  multiple?: boolean;
}

/** The flags of a command line: texts in the order given, `[]` for a boolean that is on. */
export type Flags = ReadonlyMap<string, readonly string[]>;

const HELP: Readonly<Record<string, FlagSpec>> = { help: { type: "boolean", short: "h" } };

/** Reads the arguments after a verb; what the verb doesn't know is a `UsageError` with the nearest flag. */
export function parseFlags(argv: readonly string[], own: Readonly<Record<string, FlagSpec>>): Flags {
  const specs: Readonly<Record<string, FlagSpec>> = { ...own, ...HELP };
  const { tokens } = parseArgs({
    args: [...argv],
    options: specs,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") throw new UsageError(`unexpected argument "${token.value}"`);
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined)
      throw new UsageError(`unknown flag ${token.rawName}${suggestion(token.name, specs)}`);
    if (spec.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      flags.set(token.name, []);
      continue;
    }
    // "--listen --data" forgot an address; a value that does begin with a dash is written "--data=-x".
    const forgotten = token.value === undefined || (!token.inlineValue && token.value.startsWith("-"));
    if (forgotten) throw new UsageError(`${token.rawName} needs a value`);
    const earlier = flags.get(token.name) ?? [];
    if (earlier.length > 0 && spec.multiple !== true)
      throw new UsageError(`${token.rawName} was given twice`);
    flags.set(token.name, [...earlier, token.value ?? ""]);
  }
  return flags;
}

function suggestion(name: string, specs: Readonly<Record<string, FlagSpec>>): string {
  const names = Object.keys(specs).map((known) => `--${known}`);
  return didYouMean(`--${name}`, names) || `; there are ${names.join(", ")}`;
}
