import { connect, type Socket } from "node:net";
import { AppError } from "#core/errors.ts";
import type { FetchedBlob, GrowingBlob, GrowingStart } from "#core/fetch-relay.ts";
import { createGrowth } from "#kit/growth.ts";
import { jsonLines, type JsonLines } from "./json-lines.ts";
import { errorOf, type AnswerMessage, type FollowMessage } from "./messages.ts";

/** Another process of this server, as one that follows its fetches sees it. */
export interface Neighbour {
  /** Resolves when the fetch has begun there, or failed; undefined where the process isn't there, or went before. */
  follow(blob: FetchedBlob): Promise<GrowingBlob | undefined>;
  close(): void;
}

interface Followed {
  heard(message: AnswerMessage): void;
  lost(): void;
}

interface Connection {
  socket: Socket;
  lines: JsonLines<FollowMessage>;
  follows: Map<number, Followed>;
}

/** Times that it is looked whether the other side is alive before it counts as gone. */
const looks = 4;

/**
 * One connection for all follows, made with the first one and again after it was lost.
 * @param patience how long the other process may say nothing while something is followed, ms.
 */
export function createNeighbour(path: string, patience: number): Neighbour {
  let connection: Connection | undefined;
  let lastId = 0;
  let closed = false;

  function connected(): Connection {
    if (connection !== undefined) return connection;
    const socket = connect(path);
    const follows = new Map<number, Followed>();
    let silent = 0;
    const lines = jsonLines<AnswerMessage, FollowMessage>(socket, (message) => {
      follows.get(message.id)?.heard(message);
      if ("done" in message || "failed" in message) follows.delete(message.id);
    });
    socket.on("data", () => (silent = 0));
    // Counted rather than timed: when this process stood still the other one isn't to blame.
    const watch = setInterval(() => {
      silent = follows.size === 0 ? 0 : silent + 1;
      if (silent > looks) socket.destroy();
    }, patience / looks);
    watch.unref();
    const made: Connection = { socket, lines, follows };
    // Why doesn't matter: it isn't there.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearInterval(watch);
      if (connection === made) connection = undefined;
      for (const { lost } of follows.values()) lost();
      follows.clear();
    });
    connection = made;
    return made;
  }

  return {
    follow(blob) {
      if (closed) return Promise.resolve(undefined);
      const { lines, follows, socket } = connected();
      const id = ++lastId;
      const followed = remoteBlob(blob);
      follows.set(id, followed);
      // What is written before the connection stands waits for it.
      if (socket.destroyed) return Promise.resolve(undefined);
      lines.send({ id, follow: { repository: blob.repository, digest: blob.digest } });
      return followed.growing;
    },
    close() {
      closed = true;
      connection?.socket.destroy();
    },
  };
}

/** A blob that grows in another process. */
function remoteBlob({ digest }: FetchedBlob): Followed & { growing: Promise<GrowingBlob | undefined> } {
  const growing = Promise.withResolvers<GrowingBlob | undefined>();
  const begun = unheard<GrowingStart>();
  const done = unheard<undefined>();
  const growth = createGrowth();
  const blob: GrowingBlob = {
    begun: begun.promise,
    get readable() {
      return growth.readable;
    },
    more: (beyond) => growth.more(beyond),
    done: done.promise,
  };
  let hasBegun = false;

  function fail(error: Error): void {
    begun.reject(error);
    growth.fail(error);
    done.reject(error);
    growing.resolve(blob);
  }

  return {
    growing: growing.promise,
    heard(message) {
      if ("begun" in message) {
        hasBegun = true;
        begun.resolve({ size: message.begun.size, file: message.begun.file });
        growing.resolve(blob);
      } else if ("readable" in message) growth.grow(message.readable);
      else if ("failed" in message) fail(errorOf(message.failed));
      else {
        growth.end();
        done.resolve(undefined);
      }
    },
    lost() {
      if (!hasBegun) growing.resolve(undefined);
      else
        fail(
          new AppError("unavailable", `the process that fetched ${digest} ended amid it: try again`, {
            subject: digest,
            retryAfter: 1,
          }),
        );
    },
  };
}

/** Nobody has to hear of its rejection. */
function unheard<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => undefined);
  return made;
}
