import type { Upkeep } from "./upkeep-lease.ts";

/**
 * Does `work` when the upkeep becomes ours and every so many ms while it is, one at a time, until disposed, which waits for
 * what is under way. Work must not throw. @param work its signal is aborted when the server stops
 */
export function whileMine(
  upkeep: Upkeep,
  every: number,
  work: (signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const run = () => {
    if (upkeep.mine()) running ??= work(stopping.signal).finally(() => (running = undefined));
  };
  const begins = upkeep.whenMine(run);
  const timer = setInterval(run, every);
  return {
    async [Symbol.asyncDispose]() {
      begins[Symbol.dispose]();
      clearInterval(timer);
      stopping.abort(new Error("the server stops"));
      await running;
    },
  };
}
