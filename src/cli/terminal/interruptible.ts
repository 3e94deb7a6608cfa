const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that Ctrl-C, SIGTERM and SIGHUP end cleanly: its signal is aborted, and when it has tidied up the process
 * ends by the signal that it got, so that shells see why. Whoever is in a hurry interrupts twice.
 */
export async function interruptible<T>(
  say: (line: string) => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let by: NodeJS.Signals | undefined;
  const interrupted = (signal: NodeJS.Signals) => {
    if (by !== undefined) {
      listenNoMore();
      process.kill(process.pid, signal);
      return;
    }
    by = signal;
    stop.abort();
  };
  const listenNoMore = () => {
    for (const signal of signals) process.off(signal, interrupted);
  };
  for (const signal of signals) process.on(signal, interrupted);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (by === undefined) throw error;
    say("berth: stopped; run it again to go on");
    listenNoMore();
    process.kill(process.pid, by);
    // The signal is on its way; nothing else shall be said.
    return await new Promise<never>(() => void setTimeout(() => process.exit(1), 5_000));
  } finally {
    listenNoMore();
  }
}
