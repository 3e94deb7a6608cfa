import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Input } from "#cli/io.ts";
import { berth } from "./captured.ts";

export interface Place extends Disposable {
  data: string;
  /** Runs `berth ARGS --data …`; `input` is what standard input holds. */
  run(args: readonly string[], input?: string): ReturnType<typeof berth>;
  /** As run, and expects that it works; what it printed. */
  ok(args: readonly string[], input?: string): Promise<string>;
  /** A file with this text. */
  file(text: string): string;
}

/** A data folder of its own, and the command line on it. */
export function openPlace(data?: string): Place {
  const folder = mkdtempSync(join(tmpdir(), "berth-cli-"));
  const place = data ?? join(folder, "data");
  const run = (args: readonly string[], input?: string) =>
    berth([...args, "--data", place], input === undefined ? {} : { stdin: textInput(input) });
  let files = 0;
  return {
    data: place,
    run,
    async ok(args, input) {
      const { code, stdout, stderr } = await run(args, input);
      if (code !== 0) throw new Error(`berth ${args.join(" ")}: ${code}\n${stderr}`);
      return stdout;
    },
    file(text) {
      const path = join(folder, `file${files++}`);
      writeFileSync(path, text);
      return path;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function textInput(text: string): Input {
  return {
    async *[Symbol.asyncIterator]() {
      for (const part of text.match(/.{1,5}/gs) ?? []) yield Buffer.from(part);
    },
  };
}

/** A terminal at which somebody presses these keys; says what was switched. */
export function terminal(keys: string): Input & { raw: boolean[] } {
  const raw: boolean[] = [];
  return {
    raw,
    isTTY: true,
    setRawMode: (on) => raw.push(on),
    async *[Symbol.asyncIterator]() {
      for (const key of keys) yield Buffer.from(key);
    },
  };
}
