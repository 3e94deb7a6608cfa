import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Input, Io } from "../io.ts";
import type { Flags, FlagSpec } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";

/** The flag of every verb that takes a password. */
export const PASSWORD_FLAGS = { "password-file": { type: "string" } } as const satisfies Record<
  string,
  FlagSpec
>;

const longest = 64 * 1024;

/**
 * A new password: the first line of --password-file (`-`: of standard input), else what a terminal was told
 * twice. Throws UsageError where there is neither, an error with code ECANCELED after Ctrl-C.
 */
export async function readPassword(flags: Flags, io: Io): Promise<string> {
  const [file] = flags.get("password-file") ?? [];
  if (file === "-") return firstLine(await readAll(io.stdin));
  // So that `berth` reads like others from here-documents and process substitutions.
  if (file !== undefined) return firstLine(await fileText(resolve(io.cwd, file), file));
  const { stdin, stderr } = io;
  if (stdin?.isTTY !== true || stdin.setRawMode === undefined)
    throw new UsageError(
      "there is no terminal to ask for the password: give --password-file FILE, or - for standard input",
    );
  return askTwice(stdin, (text) => stderr.write(text));
}

async function fileText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(`the password file ${name} can't be read: ${code}`), { code });
  }
}

async function readAll(input: Input | undefined): Promise<string> {
  const decoder = new StringDecoder("utf8");
  let text = "";
  for await (const part of input ?? []) {
    text += typeof part === "string" ? part : decoder.write(Buffer.from(part));
    if (text.length > longest) throw new UsageError("standard input is too long for a password");
  }
  return text;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}

async function askTwice(terminal: Input, say: (text: string) => unknown): Promise<string> {
  terminal.setRawMode?.(true);
  const questions = ["New password: ", "The same again: "];
  const lines: string[] = [];
  const decoder = new StringDecoder("utf8");
  let line = "";
  try {
    say(questions[0] ?? "");
    for await (const part of terminal) {
      for (const key of typeof part === "string" ? part : decoder.write(Buffer.from(part))) {
        if (key === "\r" || key === "\n") {
          say("\n");
          lines.push(line);
          line = "";
          if (lines.length === 2) return same(lines);
          say(questions[1] ?? "");
        } else if (key === "\u0003" || key === "\u0004") {
          say("\n");
          throw Object.assign(new Error("cancelled; nothing was changed"), { code: "ECANCELED" });
        } else if (key === "\u007f" || key === "\b") line = [...line].slice(0, -1).join("");
        else if (key === "\u0015") line = "";
        else if (key >= " ") line += key;
      }
    }
  } finally {
    terminal.setRawMode?.(false);
    terminal.unref?.();
  }
  throw Object.assign(new Error("the terminal went away; nothing was changed"), { code: "ECANCELED" });
}

function same([first = "", second = ""]: readonly string[]): string {
  if (first === second) return first;
  throw Object.assign(new Error("the two passwords differ; nothing was changed"), { code: "EINVAL" });
}
