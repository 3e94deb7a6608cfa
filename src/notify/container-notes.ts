import type { EngineEvent, EngineEvents } from "#core/engine/event.ts";
import type { NewEvent } from "#core/event.ts";

export interface ContainerNotesParts {
  /** Adds them to the registry's outbox. False, or a rejection: it can't be reached now. */
  append(events: readonly NewEvent[]): Promise<boolean>;
  /** Told for the first of events that went untold because there was no room for them, once for each time of need. */
  onLost(): void;
}

/** ms after the first that waits; and at most between two tries while the registry can't be reached. */
const soon = 200;
const longestPause = 30_000;
/** Events of one write. */
const batch = 200;
/** Events kept while the registry can't be reached; the oldest go first. */
const most = 1_000;

/**
 * Tells the registry's outbox which containers start and exit: gathered in memory, nothing waits for it. What waits when
 * the process is killed, or can't be told when it is disposed, is lost.
 */
export function createContainerNotes({
  append,
  onLost,
}: ContainerNotesParts): EngineEvents & AsyncDisposable {
  const waiting: NewEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let pause = soon;
  let losing = false;
  let isOver = false;

  function emit(event: Omit<EngineEvent, "time">): void {
    const told = eventOf(event);
    if (told === undefined || isOver) return;
    waiting.push(told);
    if (waiting.length > most) {
      waiting.shift();
      if (!losing) onLost();
      losing = true;
    }
    later();
  }

  function later(): void {
    if (writing !== undefined) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = write().finally(() => {
        writing = undefined;
        if (waiting.length > 0 && !isOver) later();
      });
    }, pause).unref();
  }

  /** Until nothing waits, or the registry can't be reached. */
  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const taken = waiting.splice(0, batch);
      const done = await append(taken).catch(() => false);
      if (!done) {
        waiting.unshift(...taken);
        waiting.splice(0, Math.max(0, waiting.length - most));
        pause = Math.min(longestPause, pause * 2);
        return;
      }
      pause = soon;
      losing = false;
    }
  }

  return {
    emit,
    async [Symbol.asyncDispose]() {
      isOver = true;
      clearTimeout(timer);
      await writing;
      await write();
    },
  };
}

/** Undefined: nothing that the outbox tells of. */
function eventOf({ type, action, attributes }: Omit<EngineEvent, "time">): NewEvent | undefined {
  if (type !== "container" || (action !== "start" && action !== "die")) return undefined;
  const { name = "", exitCode = "" } = attributes;
  return action === "start"
    ? { at: Date.now(), action: "start", subject: name, count: 1 }
    : { at: Date.now(), action: "exit", subject: `${name} ${exitCode}`, count: 1 };
}
