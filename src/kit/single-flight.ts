/**
 * Joins concurrent calls of something whose answer all may share: who comes while it runs gets that run's outcome,
 * errors too.
 */
export function createSingleFlight<T>(): (key: string, run: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, run) => {
    const shared = running.get(key);
    if (shared !== undefined) return shared;
    const flight = run().finally(() => running.delete(key));
    running.set(key, flight);
    return flight;
  };
}
