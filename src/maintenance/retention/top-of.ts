/** Which of many things are among the first so many, in memory for about twice as many. */
export interface TopOf<T> {
  add(thing: T): void;
  /** Whether it is as far ahead as the last that counts; also of one that was never added. */
  includes(thing: T): boolean;
}

/** @param compare below 0 where the first is ahead; things that are equal count once. */
export function topOf<T>(most: number, compare: (a: T, b: T) => number): TopOf<T> {
  let things: T[] = [];
  let tidy = true;

  function tidyUp(): void {
    if (tidy) return;
    things.sort(compare);
    things = things.filter((thing, at) => at === 0 || compare(things[at - 1] as T, thing) !== 0);
    things.length = Math.min(things.length, most);
    tidy = true;
  }

  return {
    add(thing) {
      things.push(thing);
      tidy = false;
      // Seldom: so many more make one sort worth it.
      if (things.length >= 2 * most + 64) tidyUp();
    },
    includes(thing) {
      tidyUp();
      const last = things[most - 1];
      return last === undefined || compare(thing, last) <= 0;
    },
  };
}
