import { once, type EventEmitter } from "node:events";
import type { Output } from "../io.ts";

/** Writes, and waits while the reader is slower. */
export async function putOut(output: Output, bytes: string | Uint8Array): Promise<void> {
  if (output.write(bytes) !== false || !("once" in output)) return;
  const stream = output as unknown as EventEmitter;
  // A reader that went away never drains.
  await Promise.race([once(stream, "drain"), once(stream, "close"), once(stream, "error")]).catch(
    () => undefined,
  );
}
