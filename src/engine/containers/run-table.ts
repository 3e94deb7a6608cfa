import { setTimeout as pause } from "node:timers/promises";
import type { Attachment } from "#core/engine/output.ts";
import { parkAttachment, type ParkedAttachment } from "./parked-attachment.ts";

/** What the engine keeps in memory of a container beside its record. */
export interface RunTable {
  of(id: string): RunNotes;
  forget(id: string): void;
  /** What still ends of containers that don't run any more: ports and addresses come free with it. */
  readonly leaving: Set<Promise<void>>;
  /** When what ends now has ended; a stuck one is not waited for. */
  settled(): Promise<void>;
  /** The engine ends: nothing is planned any more, so that nothing keeps it. Containers go on. */
  close(): void;
  readonly closed: boolean;
}

export interface RunNotes {
  /** Of the last or running one; resolves when its end has been dealt with wholly. */
  over: Promise<void>;
  /** A start by policy that is planned. */
  restart: NodeJS.Timeout | undefined;
  lastDelay: number;
  /** So many `restart`s are at it: its end is no reason to remove it, nor to follow the policy. */
  restarting: number;
  /** Its removal is under way. */
  removing: boolean;
  /** Ends the health checks of this run. */
  health: AbortController | undefined;
  /** Attachments made before there is a process. */
  parked: Set<ParkedAttachment>;
  /** Ids of exec sessions, for inspect. */
  execs: Set<string>;
}

/** How long what just goes away may keep others waiting, ms. */
const patience = 10_000;

export function createRunTable(): RunTable {
  const notes = new Map<string, RunNotes>();
  const leaving = new Set<Promise<void>>();
  let closed = false;
  return {
    leaving,
    async settled() {
      if (leaving.size === 0) return;
      await Promise.race([Promise.allSettled(leaving), pause(patience, undefined, { ref: false })]);
    },
    close() {
      closed = true;
      for (const { restart, health } of notes.values()) {
        clearTimeout(restart);
        health?.abort();
      }
    },
    get closed() {
      return closed;
    },
    of(id) {
      const known = notes.get(id);
      if (known !== undefined) return known;
      const made: RunNotes = {
        over: Promise.resolve(),
        restart: undefined,
        lastDelay: 0,
        restarting: 0,
        removing: false,
        health: undefined,
        parked: new Set(),
        execs: new Set(),
      };
      notes.set(id, made);
      return made;
    },
    forget(id) {
      notes.delete(id);
    },
  };
}

/** An attachment that waits for the next start. */
export function park(notes: RunNotes): Attachment {
  const parked: ParkedAttachment = parkAttachment(() => notes.parked.delete(parked));
  notes.parked.add(parked);
  return parked;
}

/** Gives those who wait a process, or none. */
export function connectParked(notes: RunNotes, attach: () => Attachment | undefined): void {
  for (const parked of notes.parked) parked.connect(attach());
  notes.parked.clear();
}
