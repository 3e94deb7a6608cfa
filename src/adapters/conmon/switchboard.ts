import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { plainEnvironment } from "#kit/run-program.ts";
import type { OutputChunk } from "#core/engine/output.ts";
import { createFrameReader, frame } from "./frames.ts";
import { switchboardProgram } from "./switchboard-program.ts";

/** Connections to conmon's attach sockets, all through one process, which is started with the first. */
export interface Switchboard extends AsyncDisposable {
  /** @param folder where the socket `attach` lies. What is sent before it is connected comes after, in order. */
  open(folder: string, take: ChannelTakes): Channel;
}

export interface ChannelTakes {
  output(chunk: OutputChunk): void;
  /** No more comes: conmon ended, or couldn't be reached. Once. @param lost the switchboard's process ended */
  end(lost: boolean): void;
}

export interface Channel {
  /** Settles when it is connected, or never will be. */
  connected: Promise<void>;
  /** Resolves when it can take more. */
  send(data: Uint8Array): Promise<void>;
  endInput(): void;
  /** Takes no more of the output, so that the process waits with it; or again. */
  hold(on: boolean): void;
  /** `end` isn't called any more. */
  close(): void;
}

const orders = { connect: 1, input: 2, endInput: 3, close: 4, hold: 5, goOn: 6 } as const;
const answers = { connected: 0, stdout: 2, stderr: 3, ended: 4, taken: 5 } as const;
/** Bytes of input of one channel that are on their way. */
const window = 256 * 1024;
const nothing = new Uint8Array();

interface Line {
  take: ChannelTakes;
  connected: PromiseWithResolvers<void>;
  underway: number;
  room: PromiseWithResolvers<void> | undefined;
}

export function createSwitchboard(report: (error: unknown, what: string) => void): Switchboard {
  const lines = new Map<number, Line>();
  let next = 1;
  let child: ChildProcess | undefined;

  function order(kind: number, id: number, payload: Uint8Array = nothing): void {
    const { stdin } = (child ??= begin());
    for (const part of frame(kind, id, payload)) stdin?.write(part);
  }

  function begin(): ChildProcess {
    const started = spawn("perl", ["-e", switchboardProgram], {
      cwd: "/",
      env: plainEnvironment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const over = (error?: unknown) => {
      if (child !== started) return;
      child = undefined;
      if (lines.size > 0)
        report(error, "the process that holds containers' streams ended; their readers are cut off");
      for (const id of lines.keys()) ended(id, true);
    };
    started.once("error", over);
    started.once("exit", () => over());
    started.stdin.on("error", () => undefined);
    started.stdout.on("data", createFrameReader(answered));
    keep(started, lines.size > 0);
    return started;
  }

  function answered(kind: number, id: number, payload: Buffer): void {
    const line = lines.get(id);
    if (line === undefined) return;
    if (kind === answers.stdout) line.take.output({ stream: "stdout", data: payload });
    else if (kind === answers.stderr) line.take.output({ stream: "stderr", data: payload });
    else if (kind === answers.connected) line.connected.resolve();
    else if (kind === answers.ended) ended(id, false);
    else if (kind === answers.taken) {
      line.underway -= payload.readUInt32BE(0);
      if (line.underway < window) makeRoom(line);
    }
  }

  function makeRoom(line: Line): void {
    line.room?.resolve();
    line.room = undefined;
  }

  function forget(id: number): Line | undefined {
    const line = lines.get(id);
    lines.delete(id);
    line?.connected.resolve();
    if (line !== undefined) makeRoom(line);
    if (lines.size === 0 && child !== undefined) keep(child, false);
    return line;
  }

  function ended(id: number, lost: boolean): void {
    forget(id)?.take.end(lost);
  }

  return {
    open(folder, take) {
      const id = next++;
      const line: Line = { take, connected: Promise.withResolvers(), underway: 0, room: undefined };
      lines.set(id, line);
      order(orders.connect, id, Buffer.from(folder));
      if (child !== undefined) keep(child, true);
      return {
        connected: line.connected.promise,
        async send(data) {
          if (!lines.has(id) || data.length === 0) return;
          line.underway += data.length;
          order(orders.input, id, data);
          if (line.underway < window) return;
          line.room ??= Promise.withResolvers();
          await line.room.promise;
        },
        endInput() {
          if (lines.has(id)) order(orders.endInput, id);
        },
        hold(on) {
          if (lines.has(id)) order(on ? orders.hold : orders.goOn, id);
        },
        close() {
          if (forget(id) !== undefined) order(orders.close, id);
        },
      };
    },

    async [Symbol.asyncDispose]() {
      const last = child;
      child = undefined;
      for (const id of lines.keys()) ended(id, true);
      if (last === undefined || last.exitCode !== null || last.signalCode !== null) return;
      keep(last, true);
      const gone = new Promise((resolve) => last.once("exit", resolve));
      last.stdin?.end();
      last.kill("SIGTERM");
      await gone;
    },
  };
}

/** Whether this process stays for it. */
function keep(child: ChildProcess, on: boolean): void {
  for (const handle of [child, child.stdin as Socket | null, child.stdout as Socket | null]) {
    if (on) handle?.ref();
    else handle?.unref();
  }
}
