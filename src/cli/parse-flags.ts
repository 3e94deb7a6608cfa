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
  return parseArguments(argv, own, []).flags;
}

/** What stands after a verb: its flags, and what it is about, one text for each name in `wanted`. */
export interface Arguments {
  flags: Flags;
  operands: readonly string[];
}

/**
 * As parseFlags, for verbs that are about something: `berth user add NAME`. With --help nothing else is wanted.
 * @param wanted names of the operands as the help spells them, e.g. `["NAME"]`; `[FILE]` may be left out, and
 * of the last one there may be any number when it is `[NAME …]`.
 */
export function parseArguments(
  argv: readonly string[],
  own: Readonly<Record<string, FlagSpec>>,
  wanted: readonly string[],
): Arguments {
  const specs: Readonly<Record<string, FlagSpec>> = { ...own, ...HELP };
  const { tokens } = parseArgs({
    args: [...argv],
    options: specs,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const many = wanted.at(-1)?.endsWith("…]") === true;
  const flags = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (operands.length >= wanted.length && !many)
        throw new UsageError(`unexpected argument "${token.value}"`);
      operands.push(token.value);
      continue;
    }
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined)
      throw new UsageError(`unknown flag ${token.rawName}${suggestion(token.name, specs)}`);
    if (spec.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      flags.set(token.name, []);
      continue;
    }
    // "--listen --data" forgot an address; a value that does begin with a dash is written "--data=-x"; "-" alone
    // is standard input.
    const forgotten = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
    if (forgotten) throw new UsageError(`${token.rawName} needs a value`);
    const earlier = flags.get(token.name) ?? [];
    if (earlier.length > 0 && spec.multiple !== true)
      throw new UsageError(`${token.rawName} was given twice`);
    flags.set(token.name, [...earlier, token.value ?? ""]);
  }
  const missing = wanted.slice(operands.length).filter((name) => !name.startsWith("["));
  if (missing.length > 0 && !flags.has("help")) throw new UsageError(`${missing.join(" and ")} missing`);
  return { flags, operands };
}

function suggestion(name: string, specs: Readonly<Record<string, FlagSpec>>): string {
  const names = Object.keys(specs).map((known) => `--${known}`);
  return didYouMean(`--${name}`, names) || `; there are ${names.join(", ")}`;
}
