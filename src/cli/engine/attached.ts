/** A terminal, or pipes, joined to a container's process for as long as its connection lasts. */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Io } from "../io.ts";
import type { EngineClient } from "#adapters/engine-client/client.ts";
import { pathOf } from "#adapters/engine-client/client.ts";
import { putOutput } from "./demultiplex.ts";
import { createDetachFilter } from "./detach-keys.ts";

export interface Joined {
  /** The process (or its stream) ended, or the user left it. Gives the terminal back. */
  ended: Promise<"ended" | "detached">;
  /** Tells the process how large the terminal is, now and when that changes; call it once it runs. */
  followSize(resize: (rows: number, columns: number) => Promise<unknown>): void;
}

export interface JoinOptions {
  stdin: boolean;
  tty: boolean;
  detachKeys: string;
}

export function join(socket: Socket, { stdin, tty, detachKeys }: JoinOptions, io: Io): Joined {
  const { promise: detached, resolve: detach } = Promise.withResolvers<"detached">();
  const input = stdin && io.stdin !== undefined ? readableOf(io.stdin) : undefined;
  const raw = tty && io.stdin?.isTTY === true && input !== undefined;
  const filter = raw ? createDetachFilter(detachKeys) : undefined;
  let sizes: (() => void) | undefined;
  if (raw) io.stdin?.setRawMode?.(true);
  // A connection that breaks ends the output, which says it all.
  socket.on("error", () => socket.destroy());
  if (input === undefined) socket.end();
  else
    input
      .on("data", (chunk: Uint8Array | string) => {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
        const passed = filter === undefined ? bytes : filter.pass(bytes);
        if (passed === undefined) detach("detached");
        else if (!socket.write(passed)) {
          input.pause();
          socket.once("drain", () => input.resume());
        }
      })
      .once("end", () => socket.end())
      .once("error", () => socket.end());

  const output = putOutput(socket, tty, io).then(
    () => "ended" as const,
    () => "ended" as const,
  );
  const ended = Promise.race([output, detached]).finally(() => {
    if (sizes !== undefined) process.off("SIGWINCH", sizes);
    if (raw) io.stdin?.setRawMode?.(false);
    input?.destroy();
    socket.destroy();
  });

  return {
    ended,
    followSize(resize) {
      if (!tty || io.stdout.isTTY !== true) return;
      sizes = () => {
        const { rows, columns } = io.stdout;
        // Best effort: a process that just ended has no size.
        if (rows !== undefined && columns !== undefined) resize(rows, columns).catch(() => undefined);
      };
      process.on("SIGWINCH", sizes);
      sizes();
    },
  };
}

/** The resize call of a container or an exec. */
export function resizer(client: EngineClient, kind: "containers" | "exec", id: string) {
  return (h: number, w: number) => client.call("POST", pathOf([kind, id, "resize"], { h, w }));
}

function readableOf(stdin: NonNullable<Io["stdin"]>): Readable {
  return stdin instanceof Readable ? stdin : Readable.from(stdin);
}
