const proxied = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Hands signals of this process on instead of dying of them, until disposed. */
export function proxySignals(pass: (signal: string) => Promise<unknown>): Disposable {
  const hand = (signal: NodeJS.Signals) => {
    // The container may have just ended.
    pass(signal.slice("SIG".length)).catch(() => undefined);
  };
  for (const signal of proxied) process.on(signal, hand);
  return {
    [Symbol.dispose]() {
      for (const signal of proxied) process.off(signal, hand);
    },
  };
}
