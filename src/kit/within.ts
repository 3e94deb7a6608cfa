/** Waits for work, but not longer than so many ms: then `undefined`, and the work goes on unheard. */
export async function within<T>(work: Promise<T>, time: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), time);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
