import type { Clock } from "#core/clock.ts";
import { eventActor } from "#core/change-event.ts";
import type { EventActor } from "#core/event.ts";
import type { HostedPulls } from "#core/metadata/hosted-pulls.ts";
import type { Outbox } from "#core/metadata/outbox.ts";
import type { ManifestPull, PullNotes } from "#core/pull-notes.ts";
import { createLosses } from "./losses.ts";

export interface PullNotesParts {
  outbox: Pick<Outbox, "append">;
  hostedPulls: HostedPulls;
  clock: Clock;
  /** Whether anybody wants events of pulls; otherwise only times and counts of hosted manifests are kept. */
  events(): boolean;
  /** Told at most once a minute: how many pulls went unnoted since, because there was no room for them. */
  onLost(count: number): void;
  /** Told for the first of several writes that fail in a row. Its pulls stay for the next one. */
  onFailed(error: unknown): void;
}

/** Equal pulls, which are written as one. */
interface Gathered extends Omit<ManifestPull, "by"> {
  /** The last of them, ms. */
  at: number;
  count: number;
  /** How many of them are counted for the manifest already. */
  noted: number;
  /** Undefined: nobody, or not all by the same. */
  actor: EventActor | undefined;
}

/** ms */
const lookEvery = 1_000;
/** Equal pulls are written so far apart at least, ms. */
const apart = 60_000;
/** Different pulls of one write. */
const batch = 500;
/** Different pulls kept while writes wait for their minute, fail or are slow; and of those that were just written. */
const most = 20_000;

/**
 * Gathers pulls of manifests by repository, digest and tag. The first is written within a second, those of the minute
 * after it together; disposing writes the rest. What wasn't written when the process is killed is lost.
 */
export function createPullNotes(parts: PullNotesParts): PullNotes & AsyncDisposable {
  const { outbox, hostedPulls, clock, events, onLost, onFailed } = parts;
  const waiting = new Map<string, Gathered>();
  /** When equal ones were written last, oldest first. */
  const written = new Map<string, number>();
  /** How many are being written: they need their room until that is done. */
  let taking = 0;
  let writing: Promise<void> | undefined;
  let failing = false;
  const losses = createLosses(onLost, clock, apart);

  function note({ by, ...pull }: ManifestPull): void {
    const key = `${pull.repository}\n${pull.digest}\n${pull.tag ?? ""}\n${pull.hosted}`;
    const known = waiting.get(key);
    if (known === undefined) {
      if (waiting.size + taking >= most) losses.add(1);
      else waiting.set(key, { ...pull, at: clock(), count: 1, noted: 0, actor: eventActor(by) });
      return;
    }
    known.count++;
    known.at = Math.max(known.at, clock());
    if (known.actor?.actor !== by?.actor || known.actor?.kind !== by?.kind) known.actor = undefined;
  }

  /** Writes what is due, until nothing is or a write fails. @param before written last before that time */
  async function writeDue(before: number): Promise<void> {
    const due = [...waiting.keys()].filter((key) => (written.get(key) ?? -Infinity) <= before);
    for (let i = 0; i < due.length; i += batch) {
      const taken = new Map<string, Gathered>();
      for (const key of due.slice(i, i + batch)) {
        const pull = waiting.get(key);
        if (pull !== undefined) taken.set(key, pull);
        waiting.delete(key);
      }
      if (!(await write(taken))) return;
    }
  }

  async function write(taken: Map<string, Gathered>): Promise<boolean> {
    taking = taken.size;
    const pulls = [...taken.values()];
    try {
      const hosted = pulls.filter((pull) => pull.hosted && pull.count > pull.noted);
      if (hosted.length > 0)
        await hostedPulls.note(
          hosted.map(({ repository, digest, at, count, noted }) => ({
            repository,
            digest,
            at,
            count: count - noted,
          })),
        );
      for (const pull of hosted) pull.noted = pull.count;
      if (events())
        await outbox.append(
          pulls.map(({ at, repository, tag, digest, mediaType, size, actor, count }) => ({
            at,
            action: "pull",
            repository,
            tag,
            digest,
            mediaType,
            size,
            actor,
            count,
          })),
        );
      remember(taken.keys());
      failing = false;
      return true;
    } catch (error) {
      putBack(taken);
      if (!failing) onFailed(error);
      failing = true;
      return false;
    } finally {
      taking = 0;
    }
  }

  function remember(keys: Iterable<string>): void {
    const now = clock();
    for (const key of keys) {
      written.delete(key);
      written.set(key, now);
    }
    for (const [key, at] of written) {
      if (written.size <= most && at > now - apart) break;
      written.delete(key);
    }
  }

  function putBack(taken: Map<string, Gathered>): void {
    for (const [key, pull] of taken) {
      const newer = waiting.get(key);
      if (newer === undefined) waiting.set(key, pull);
      else {
        newer.count += pull.count;
        newer.noted += pull.noted;
        if (newer.actor?.actor !== pull.actor?.actor) newer.actor = undefined;
      }
    }
  }

  const timer = setInterval(() => {
    writing ??= writeDue(clock() - apart).finally(() => (writing = undefined));
    losses.tellWhenDue();
  }, lookEvery);
  timer.unref();

  return {
    note,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await writing;
      await writeDue(Infinity);
      for (const { count } of waiting.values()) losses.add(count);
      waiting.clear();
      losses.tell();
    },
  };
}
