import type { Queries } from "./database.ts";

/** The database's clock as a number, ms since the epoch: servers whose own clocks differ agree on it. */
export const databaseNow = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** Clocks drift, and are set. */
const measuredEvery = 10_000;

/** The database's clock, read without asking it each time; what this machine's says while it can't be asked. */
export interface DatabaseClock extends Disposable {
  /** ms since the epoch. */
  now(): number;
}

/** Measures once before it resolves. */
export async function databaseClock(db: Queries): Promise<DatabaseClock> {
  let ahead = 0;
  async function measure(): Promise<void> {
    const asked = Date.now();
    const steady = performance.now();
    const row = await db.row<{ now: number }>(`SELECT ${databaseNow} AS now`);
    // Read in the middle of the round trip, as far as anybody knows.
    if (row !== undefined) ahead = row.now - (asked + (performance.now() - steady) / 2);
  }
  const quietly = () => measure().catch(() => undefined);
  await quietly();
  const timer = setInterval(() => void quietly(), measuredEvery);
  timer.unref();
  return {
    now: () => Math.round(Date.now() + ahead),
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
