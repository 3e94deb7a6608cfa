/**
 * Does `work` for each item, up to `most` at once, taking the next item only when there is a hand free. The first
 * failure ends it: nothing more begins, what is under way is waited for, then it is thrown.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  let over = false;

  async function hand(): Promise<void> {
    while (!over) {
      try {
        const next = await iterator.next();
        if (next.done === true) {
          over = true;
          return;
        }
        if (over) return;
        await work(next.value);
      } catch (error) {
        over = true;
        failure ??= { error };
      }
    }
  }

  await Promise.all(Array.from({ length: most }, hand));
  if (failure === undefined) return;
  await iterator.return?.();
  throw failure.error;
}
