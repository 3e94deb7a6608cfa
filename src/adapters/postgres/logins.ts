import { createHash } from "node:crypto";
import {
  attemptLogin,
  budgetTime,
  failuresFade,
  loginSucceeded,
  type Failures,
  type LoginMemory,
} from "#core/metadata/login-delays.ts";
import type { Logins } from "#core/metadata/logins.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import type { Database, Queries } from "./database.ts";

type Kind = keyof LoginMemory;

/** How many rows of each kind are kept; the oldest go first. */
const most: Readonly<Record<Kind, number>> = {
  pair: 20_000,
  address: 10_000,
  account: 10_000,
  known: 10_000,
  parked: 10_000,
};
/** After how long without a touch a row says nothing any more, ms. */
const lifetime: Readonly<Record<Kind, number>> = {
  pair: failuresFade,
  address: failuresFade,
  account: budgetTime,
  known: 90 * 86_400_000,
  parked: failuresFade,
};
const kinds = Object.keys(most) as Kind[];
/** Of so many attempts one sweeps up. */
const sweepEvery = 200;

interface Row {
  kind: Kind;
  count: number;
  at: number;
}

/** Failed logins by core's rule, in rows that all servers share. */
export function postgresLogins(db: Database): Logins {
  // One connection at a time for each account, so that a flood of tries at one doesn't take the whole pool.
  const turns = createKeyedLock();
  let attempts = 0;

  function update<T>(
    account: string,
    address: string,
    now: number,
    rule: (before: LoginMemory) => { value: T; memory: LoginMemory },
  ): Promise<T> {
    const keys = keysOf(account, address);
    return turns.run(keys.account, () =>
      db.transaction(async (tx) => {
        // Rows that aren't there can't be locked. Accounts always before addresses.
        await tx.rows("SELECT pg_advisory_xact_lock(1, hashtext($1))", [keys.account]);
        await tx.rows("SELECT pg_advisory_xact_lock(2, hashtext($1))", [keys.address]);
        const before = await remembered(tx, keys);
        const { value, memory } = rule(before);
        await remember(tx, keys, memory, now);
        return value;
      }),
    );
  }

  return {
    async attempt(account, address, now) {
      const wait = await update(account, address, now, (before) => {
        const { wait: value, memory } = attemptLogin(before, now);
        return { value, memory };
      });
      if (++attempts % sweepEvery === 0) await sweep(db, now);
      return wait;
    },
    succeeded: (account, address) =>
      update(account, address, Date.now(), (before) => ({
        value: undefined,
        memory: loginSucceeded(before),
      })),
  };
}

type Keys = Readonly<Record<Kind, string>>;

function keysOf(account: string, address: string): Keys {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const pair = hash(`${address} ${account}`);
  return { pair, address: hash(address), account: hash(account), known: pair, parked: pair };
}

async function remembered(tx: Queries, keys: Keys): Promise<LoginMemory> {
  const rows = await tx.rows<Row>(
    "SELECT m.kind, m.count, m.at FROM login_memory m " +
      "JOIN unnest($1::text[], $2::text[]) AS wanted (kind, key) ON m.kind = wanted.kind AND m.key = wanted.key",
    [kinds, kinds.map((kind) => keys[kind])],
  );
  const found = new Map(rows.map((row) => [row.kind, row]));
  const failures = (kind: Kind): Failures | undefined => {
    const row = found.get(kind);
    return row && { count: row.count, last: row.at };
  };
  return {
    pair: failures("pair"),
    address: failures("address"),
    account: failures("account"),
    known: found.has("known"),
    parked: found.get("parked")?.at,
  };
}

async function remember(tx: Queries, keys: Keys, memory: LoginMemory, now: number): Promise<void> {
  const rows: Row[] = [];
  for (const kind of ["pair", "address", "account"] as const) {
    const failures = memory[kind];
    if (failures !== undefined) rows.push({ kind, count: failures.count, at: failures.last });
  }
  if (memory.known) rows.push({ kind: "known", count: 1, at: now });
  if (memory.parked !== undefined) rows.push({ kind: "parked", count: 1, at: memory.parked });
  const gone = kinds.filter((kind) => rows.every((row) => row.kind !== kind));
  await tx.change(
    "DELETE FROM login_memory m USING unnest($1::text[], $2::text[]) AS gone (kind, key) " +
      "WHERE m.kind = gone.kind AND m.key = gone.key",
    [gone, gone.map((kind) => keys[kind])],
  );
  await tx.change(
    "INSERT INTO login_memory (kind, key, count, at, touched_at) SELECT kind, key, count, at, $5::bigint " +
      "FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[]) AS row (kind, key, count, at) " +
      "ON CONFLICT (kind, key) DO UPDATE " +
      "SET count = excluded.count, at = excluded.at, touched_at = excluded.touched_at",
    [
      rows.map(({ kind }) => kind),
      rows.map(({ kind }) => keys[kind]),
      rows.map(({ count }) => count),
      rows.map(({ at }) => at),
      now,
    ],
  );
}

/** Forgets what says nothing any more, and the oldest of what is too much. */
async function sweep(db: Database, now: number): Promise<void> {
  for (const kind of kinds)
    await db.change(
      "DELETE FROM login_memory WHERE kind = $1 AND key IN (SELECT key FROM login_memory WHERE kind = $1 AND " +
        "touched_at < greatest($2::bigint, (SELECT touched_at FROM login_memory WHERE kind = $1 " +
        "ORDER BY touched_at DESC OFFSET $3 LIMIT 1)) ORDER BY touched_at LIMIT 10000 FOR UPDATE SKIP LOCKED)",
      [kind, now - lifetime[kind], most[kind]],
    );
}
