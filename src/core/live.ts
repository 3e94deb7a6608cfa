/**
 * A value that may change while the server runs (rules, limits). Services keep the `Live`, never the
 * value, so that a reload reaches them; `app` swaps it after the whole new file parsed.
 */
export interface Live<T> {
  readonly current: T;
}

export function fixed<T>(current: T): Live<T> {
  return { current };
}

/** A live value and the way to swap it. */
export interface Swappable<T> extends Live<T> {
  swap(next: T): void;
}

export function live<T>(current: T): Swappable<T> {
  const holder = {
    current,
    swap(next: T) {
      holder.current = next;
    },
  };
  return holder;
}
