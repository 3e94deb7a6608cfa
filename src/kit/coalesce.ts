/**
 * Joins concurrent calls of something that takes effect for everybody at once, such as fsync of a folder.
 * While a run for a key is under way, all later callers of that key share the one run after it; nobody
 * rides on a run that began before the call. All sharers of a run get its outcome, errors too.
 */
export function coalesce<Key>(run: (key: Key) => Promise<void>): (key: Key) => Promise<void> {
  const running = new Map<Key, Promise<void>>();
  const waiting = new Map<Key, Promise<void>>();

  function start(key: Key): Promise<void> {
    waiting.delete(key);
    const turn = (async () => {
      await run(key);
    })().finally(() => {
      if (running.get(key) === turn) running.delete(key);
    });
    running.set(key, turn);
    return turn;
  }

  return (key) => {
    const shared = waiting.get(key);
    if (shared !== undefined) return shared;
    const current = running.get(key);
    if (current === undefined) return start(key);
    const next = current.then(
      () => start(key),
      () => start(key),
    );
    waiting.set(key, next);
    return next;
  };
}
