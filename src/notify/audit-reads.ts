import type { AuditEntry, AuditReads } from "#core/audit.ts";
import type { Clock } from "#core/clock.ts";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import { createLosses } from "./losses.ts";

export interface AuditReadsParts {
  log: Pick<AuditLog, "append">;
  clock: Clock;
  /** Pulls too; otherwise only sign-ins and refusals are kept. */
  keepReads: boolean;
  /** Told at most once a minute: how many entries went unwritten since, because there was no room for them. */
  onLost(count: number): void;
  /** Told for the first of several writes that fail in a row. Its entries stay for the next one. */
  onFailed(error: unknown): void;
}

type Noted = Parameters<AuditReads["note"]>[0];
type Counted = { -readonly [K in keyof AuditEntry]: AuditEntry[K] };

const writeEvery = 1_000;
const tellEvery = 60_000;
/** Distinct entries that are written without waiting for the second, and by one write. */
const batch = 1_000;
/** Distinct entries kept while writes fail or are slow. */
const most = 10_000;
/** Letters of a name; one that failed to sign in may be anything. */
const longest = 256;

/**
 * Gathers what is only read, refused or signed in. Equal entries count into one row, with the time and
 * the request of the first. Written every second or when there are many; disposing writes the rest.
 */
export function createAuditReads(parts: AuditReadsParts): AuditReads & AsyncDisposable {
  const { log, clock, keepReads, onLost, onFailed } = parts;
  const entries = new Map<string, Counted>();
  /** How many entries are being written: they need their room until that is done. */
  let taking = 0;
  let writing: Promise<void> | undefined;
  let failing = false;
  const losses = createLosses(onLost, clock, tellEvery);

  function note(entry: Noted): void {
    if (!keepReads && (entry.action === "pull-manifest" || entry.action === "pull-blob")) return;
    const actor = cut(entry.actor);
    const key = keyOf(entry, actor);
    const known = entries.get(key);
    if (known) known.count++;
    else if (entries.size + taking >= most) losses.add(1);
    else {
      entries.set(key, { ...entry, actor, at: clock(), count: 1 });
      // After a failure only the clock tries again: not every request.
      if (entries.size >= batch && !failing) write();
    }
  }

  function write(): void {
    writing ??= writeAll().finally(() => (writing = undefined));
  }

  /** Until nothing waits, or a write fails. */
  async function writeAll(): Promise<void> {
    while (entries.size > 0) {
      const taken = new Map<string, Counted>();
      for (const [key, entry] of entries) {
        taken.set(key, entry);
        entries.delete(key);
        if (taken.size === batch) break;
      }
      taking = taken.size;
      try {
        await log.append([...taken.values()]);
        failing = false;
      } catch (error) {
        putBack(taken);
        if (!failing) onFailed(error);
        failing = true;
        return;
      } finally {
        taking = 0;
      }
    }
  }

  function putBack(taken: Map<string, Counted>): void {
    for (const [key, entry] of taken) {
      const newer = entries.get(key);
      if (newer) Object.assign(newer, { ...entry, count: newer.count + entry.count });
      else entries.set(key, entry);
    }
  }

  const timer = setInterval(() => {
    write();
    losses.tellWhenDue();
  }, writeEvery);
  timer.unref();

  return {
    note,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await writing;
      await writeAll();
      for (const { count } of entries.values()) losses.add(count);
      entries.clear();
      losses.tell();
    },
  };
}

/** What makes entries equal. What a client may write freely comes last, so that it can't look like a field. */
function keyOf(entry: Noted, actor: string): string {
  const { action, kind, actorId = "", address, repository = "", tag = "", digest = "", rule } = entry;
  const what = `${action}\n${kind}\n${actorId}\n${address}\n${repository}\n${tag}\n${digest}\n${rule}`;
  return `${what}\n${entry.subject ?? ""}\n${actor}`;
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
