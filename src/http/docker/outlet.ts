import type { Writable } from "node:stream";

/** Where an answer's bytes go: never more of them in memory than the client is slow to take. */
export interface Outlet {
  /** Resolves when more may come; false: the client has left. */
  write(bytes: Uint8Array | string): Promise<boolean>;
  /** Bytes so far. */
  readonly sent: number;
}

/** One listener each for the whole stream: a race for every chunk would keep them all until the end. */
export function createOutlet(target: Writable): Outlet {
  let sent = 0;
  let wake: (() => void) | undefined;
  const onReady = () => {
    wake?.();
    wake = undefined;
  };
  target.on("drain", onReady).once("close", onReady);
  return {
    get sent() {
      return sent;
    },
    async write(bytes) {
      if (target.destroyed || target.writableEnded) return false;
      const taken = target.write(bytes);
      sent += typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
      if (!taken && !target.destroyed) await new Promise<void>((resolve) => (wake = resolve));
      return !target.destroyed;
    },
  };
}
