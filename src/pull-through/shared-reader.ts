import type { SpoolReader } from "#core/spool.ts";

/** One reader that many read through; closed when its fetch is over and the last of them has left. */
export interface SharedReader {
  /** Undefined: there is nothing to read along. Whoever got a reader gives it back once. */
  take(): Promise<{ reader: SpoolReader; giveBack(): void } | undefined>;
  /** Nobody comes any more, once those that are there have left. */
  over(): void;
}

/** @param open asked once, when the first one comes; what it gives is this one's to close. */
export function createSharedReader(open: () => Promise<SpoolReader | undefined>): SharedReader {
  let opened: Promise<SpoolReader | undefined> | undefined;
  let users = 0;
  let ended = false;
  let closed = false;

  function closeIfDone(): void {
    if (!ended || users > 0 || closed || opened === undefined) return;
    closed = true;
    void opened.then((reader) => reader?.close()).catch(() => undefined);
  }

  return {
    async take() {
      if (closed) return undefined;
      users++;
      opened ??= open();
      const reader = await opened.catch(() => undefined);
      let given = false;
      const giveBack = () => {
        if (given) return;
        given = true;
        users--;
        closeIfDone();
      };
      if (reader !== undefined) return { reader, giveBack };
      giveBack();
      return undefined;
    },
    over() {
      ended = true;
      closeIfDone();
    },
  };
}
