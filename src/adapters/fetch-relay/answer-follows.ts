import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FetchedBlob, GrowingBlob } from "#core/fetch-relay.ts";
import { jsonLines } from "./json-lines.ts";
import { failureOf, type AnswerMessage, type FollowMessage } from "./messages.ts";

/** How often one follower is told of more bytes, at most, ms. */
const tellEvery = 4;

/**
 * Tells another process, over its connection, of the fetches that it follows, until the connection ends.
 * @param fetch begins a fetch of this process, or gives the one under way.
 * @param beatEvery ms between two signs of life while something is followed.
 */
export function answerFollows(
  socket: Socket,
  fetch: Promise<(blob: FetchedBlob) => GrowingBlob>,
  beatEvery: number,
): void {
  let following = 0;
  let closed = false;
  let nextTurn: Promise<void> | undefined;

  const lines = jsonLines<FollowMessage, AnswerMessage>(socket, ({ id, follow }) => {
    following++;
    void answer(id, follow).finally(() => following--);
  });
  const beats = setInterval(() => {
    if (following > 0) lines.beat();
  }, beatEvery);
  beats.unref();
  socket.once("close", () => {
    closed = true;
    clearInterval(beats);
  });

  /** Shared by all that this process is told of, and later when it doesn't listen. */
  function turn(): Promise<void> {
    return (nextTurn ??= sleep(tellEvery).then(() => {
      nextTurn = undefined;
      return lines.drained();
    }));
  }

  async function answer(id: number, follow: FetchedBlob): Promise<void> {
    try {
      const blob = (await fetch)(follow);
      // Heard below, unless it never begins.
      blob.done.catch(() => undefined);
      const { size, file } = await blob.begun;
      lines.send({ id, begun: { size, file } });
      const growth = { told: 0, over: false };
      void tellGrowth(id, blob, growth);
      await blob.done.finally(() => (growth.over = true));
      if (blob.readable > growth.told) lines.send({ id, readable: blob.readable });
      lines.send({ id, done: true });
    } catch (error) {
      lines.send({ id, failed: failureOf(error) });
    }
  }

  async function tellGrowth(
    id: number,
    blob: GrowingBlob,
    growth: { told: number; over: boolean },
  ): Promise<void> {
    try {
      while (!closed) {
        await blob.more(growth.told);
        // No more came: it has ended.
        if (growth.over || blob.readable <= growth.told) return;
        growth.told = blob.readable;
        lines.send({ id, readable: growth.told });
        await turn();
      }
    } catch {
      // The fault that ended it, which `done` tells.
    }
  }
}
