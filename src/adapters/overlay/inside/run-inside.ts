import { spawn, type ChildProcess } from "node:child_process";
import type { IdRange } from "#core/engine/id-range.ts";
import { AppError, type ErrorCode } from "#core/errors.ts";
import { plainEnvironment } from "#kit/run-program.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import { layerInvalid } from "../tar/layer-invalid.ts";

const mostAnswer = 64 * 1024 * 1024;
const mostWords = 16 * 1024;
const codes: Readonly<Record<string, ErrorCode>> = {
  missing: "engine-missing",
  invalid: "engine-invalid",
  kept: "engine-invalid",
  readonly: "engine-forbidden",
  full: "storage-full",
};

export interface InsideOptions {
  /** Written to its stdin, which is empty without it. When it fails, the program is killed and its error thrown. */
  input?: AsyncIterable<Uint8Array>;
  signal?: AbortSignal;
  /** What is made belongs to the first of them; tars say containers' ids. Without it ids stay as they are. */
  ids?: IdRange | undefined;
}

/** Runs a program of this folder to its end and gives what it printed. Errors: what the program says, or engine-failed. */
export async function runInside(
  program: string,
  args: readonly string[],
  options: InsideOptions = {},
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of streamInside(program, args, options)) {
    bytes += chunk.length;
    if (bytes > mostAnswer) throw new AppError("engine-failed", "there are too many files to list");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What a program of this folder prints, as it comes. Whoever stops reading ends the program. */
export async function* streamInside(
  program: string,
  args: readonly string[],
  options: InsideOptions = {},
): AsyncGenerator<Buffer> {
  const { input, signal, ids } = options;
  signal?.throwIfAborted();
  const child = spawn("perl", ["-e", program, "--", ...args], {
    env: ids === undefined ? plainEnvironment : { ...plainEnvironment, IDS: `${ids.first}:${ids.count}` },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const ended = untilEnd(child);
  const stop = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  let inputFailure: { error: unknown } | undefined;
  const fed =
    input === undefined
      ? undefined
      : feed(child, input).catch((error: unknown) => {
          inputFailure = { error };
          stop();
        });
  try {
    if (child.stdout !== null) for await (const chunk of child.stdout) yield chunk as Buffer;
    const { code, words } = await ended;
    await fed;
    signal?.throwIfAborted();
    if (inputFailure !== undefined) throw inputFailure.error;
    if (code !== 0) throw said(words, code);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
    await ended.catch(() => undefined);
    await fed;
  }
}

/** Until the input's end, or until the program reads no more: its own words say why. */
async function feed(child: ChildProcess, input: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdin } = child;
  if (stdin === null) return;
  const gone = new AbortController();
  stdin.once("error", () => gone.abort());
  stdin.once("close", () => gone.abort());
  const iterator = input[Symbol.asyncIterator]();
  try {
    while (!gone.signal.aborted) {
      const next = await untilAborted(iterator.next(), gone.signal);
      if (next.done === true) break;
      if (!stdin.write(next.value)) await untilAborted(drained(stdin), gone.signal);
    }
    stdin.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    // What a slow source still owes is nobody's to wait for.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function drained(stdin: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => stdin.once("drain", resolve));
}

function untilEnd(child: ChildProcess): Promise<{ code: number; words: string }> {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (words.length < mostWords) words += text;
  });
  const ended = new Promise<{ code: number; words: string }>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new AppError("engine-failed", "perl can't be run", { cause: error })),
    );
    child.once("close", (code) => resolve({ code: code ?? -1, words }));
  });
  ended.catch(() => undefined);
  return ended;
}

function said(words: string, code: number): AppError {
  const [, kind, text] = /^([a-z]+)\t([^]*?)\n?$/.exec(words) ?? [];
  if (kind === undefined || text === undefined)
    return new AppError("engine-failed", "a file operation of the engine failed", {
      cause: new Error(`perl ended with ${code}: ${words}`),
    });
  if (kind === "layer" || kind === "cut") return layerInvalid(text);
  return new AppError(codes[kind] ?? "engine-failed", text);
}
