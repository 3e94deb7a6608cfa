import type { Io } from "../io.ts";
import { join, resizer } from "./attached.ts";
import { pathOf, wholeText, type EngineClient } from "#adapters/engine-client/client.ts";
import { usualDetachKeys } from "./detach-keys.ts";
import { startFailureCode } from "./docker-exit.ts";
import { proxySignals } from "./proxy-signals.ts";
import { Refusal } from "#adapters/engine-client/refusal.ts";

export interface Foreground {
  stdin: boolean;
  tty: boolean;
  /** The engine removes the container when it ends. */
  removes: boolean;
  detachKeys: string | undefined;
  io: Io;
}

/** Starts a container that was created, with this process's streams joined to it. Its exit code; 0 when the user left it. */
export async function foreground(client: EngineClient, id: string, options: Foreground): Promise<number> {
  const { stdin, tty, removes, detachKeys = usualDetachKeys, io } = options;
  const of = (verb: string, query = {}) => pathOf(["containers", id, verb], query);
  const joined = join(
    await client.hijack(of("attach", { stream: 1, stdout: 1, stderr: 1, ...(stdin && { stdin: 1 }) })),
    { stdin, tty, detachKeys },
    io,
  );
  // Asked before the start, or an end could be missed; its head comes at once.
  const waiting = await client.open("POST", of("wait", { condition: removes ? "removed" : "next-exit" }));
  const exit = wholeText(waiting).then(statusOf);
  exit.catch(() => undefined);
  using _signals = tty ? undefined : proxySignals((signal) => client.call("POST", of("kill", { signal })));
  try {
    await client.call("POST", of("start"));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.stderr.write(`berth: ${error.message}\n`);
    // So that nothing of it is left when the shell goes on.
    if (removes) await exit.catch(() => undefined);
    return startFailureCode(error.message);
  }
  joined.followSize(resizer(client, "containers", id));
  if ((await joined.ended) === "detached") {
    waiting.destroy();
    return 0;
  }
  return await exit;
}

function statusOf(text: string): number {
  const { StatusCode, Error: failed } = JSON.parse(text) as {
    StatusCode: number;
    Error?: { Message?: string } | null;
  };
  if (failed?.Message) throw new Refusal(500, failed.Message);
  return StatusCode;
}
