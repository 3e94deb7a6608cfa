import { didYouMean } from "#config/nearest-name.ts";
import { UsageError } from "../usage-error.ts";

export interface DockerFlag {
  /** `list` may be given several times. */
  kind: "yes" | "text" | "list";
  short?: string;
}

export interface DockerArguments {
  yes(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): string[];
  operands: string[];
}

/**
 * Reads arguments as the docker command line does: `-it`, `-p80:80`, `--rm=false`, `--name x`, `--name=x`.
 * @param own `stopAtFirst`: everything from the first operand on is an operand (run, exec).
 */
export function readDockerFlags(
  argv: readonly string[],
  flags: Readonly<Record<string, DockerFlag>>,
  { stopAtFirst }: { stopAtFirst: boolean },
): DockerArguments {
  const taken = Object.values(flags).some(({ short }) => short === "h");
  const all: Readonly<Record<string, DockerFlag>> = {
    ...flags,
    help: taken ? { kind: "yes" } : { kind: "yes", short: "h" },
  };
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const rest = [...argv];

  function set(name: string, given: string | undefined, spelled: string): void {
    const kind = all[name]?.kind;
    if (kind === "yes") {
      if (!["true", "false", undefined].includes(given)) throw new UsageError(`${spelled} is true or false`);
      values.set(name, [given ?? "true"]);
      return;
    }
    const value = given ?? rest.shift();
    if (value === undefined) throw new UsageError(`${spelled} needs a value`);
    values.set(name, kind === "list" ? [...(values.get(name) ?? []), value] : [value]);
  }

  function setLong(argument: string): void {
    const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (!Object.hasOwn(all, name)) throw new UsageError(`unknown flag --${name}${nearest(name)}`);
    set(name, value, `--${name}`);
  }

  /** `-it`, `-p80:80`, `-p=80:80`, `-p 80:80`. */
  function setShort(argument: string): void {
    for (let at = 1; at < argument.length; at++) {
      const letter = argument[at] ?? "";
      const name = Object.keys(all).find((known) => all[known]?.short === letter);
      if (name === undefined) throw new UsageError(`unknown flag -${letter} in ${argument}`);
      const after = argument.slice(at + 1).replace(/^=/, "");
      const takesAll = all[name]?.kind !== "yes" || argument[at + 1] === "=";
      set(name, takesAll && after !== "" ? after : undefined, `-${letter}`);
      if (takesAll) return;
    }
  }

  const nearest = (name: string) =>
    didYouMean(
      `--${name}`,
      Object.keys(all).map((known) => `--${known}`),
    ) || "";

  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--") {
      operands.push(...rest.splice(0));
    } else if (argument.startsWith("--")) setLong(argument);
    else if (argument.startsWith("-") && argument !== "-") setShort(argument);
    else {
      operands.push(argument);
      if (stopAtFirst) operands.push(...rest.splice(0));
    }
  }
  return {
    yes: (name) => values.get(name)?.[0] === "true",
    text: (name) => values.get(name)?.[0],
    list: (name) => values.get(name) ?? [],
    operands,
  };
}
