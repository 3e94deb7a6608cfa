import { readdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { FetchedBlob, FetchRelay, GrowingBlob } from "#core/fetch-relay.ts";
import { hexOf, type Digest } from "#oci/digest.ts";
import { answerFollows } from "./answer-follows.ts";
import { createNeighbour } from "./neighbour.ts";

export interface FetchRelayParts {
  /** The data folder, where the sockets are: `fetch-<slot>.sock`. */
  folder: string;
  /** Which of the server's processes this is: 0 … `slots` - 1, each once. */
  slot: number;
  slots: number;
  /** How long another process may be silent while it is followed, ms; then it counts as gone. */
  patience?: number;
}

/** Longer ones are cut off or refused, by the operating system's measure (107 bytes on Linux, 103 on macOS). */
const longestPath = 100;
const socketName = /^fetch-(\d+)\.sock$/;

/**
 * The processes of one server follow each other's fetches over unix sockets, which only this user may connect to. A
 * blob's digest says whose business it is. Listens when this resolves; whoever calls holds the folder's lock or was
 * started by who does, so what lies in the socket's place is a leftover. Throws unavailable where there can be no
 * socket; a server can do without, each process then fetches what it is asked for.
 */
export async function createFetchRelay({
  folder,
  slot,
  slots,
  patience = 20_000,
}: FetchRelayParts): Promise<FetchRelay & AsyncDisposable> {
  const path = socketOf(folder, slot);
  if (Buffer.byteLength(path) > longestPath)
    throw new AppError("unavailable", `the path ${path} of a socket has more than ${longestPath} bytes`);
  await removeLeftovers(folder, slot, slots);
  const fetch = Promise.withResolvers<(blob: FetchedBlob) => GrowingBlob>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Who followed is gone; the fetch goes on.
    socket.on("error", () => undefined);
    answerFollows(socket, fetch.promise, patience / 4);
  });
  await listen(server, path);
  const neighbours = neighboursIn(folder, slots, patience);

  return {
    async follow(blob) {
      const home = homeOf(blob.digest, slots);
      return home === slot ? undefined : neighbours[home]?.follow(blob);
    },
    answer: (work) => fetch.resolve(work),
    async [Symbol.asyncDispose]() {
      // Closing takes the socket's name away, too.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      for (const neighbour of neighbours) neighbour.close();
      await closed;
    },
  };
}

/**
 * For a process beside those that serve, such as one that keeps mirrors warm: it follows all of them, and nobody
 * follows it.
 */
export function followFetches({
  folder,
  slots,
  patience = 20_000,
}: Omit<FetchRelayParts, "slot">): FetchRelay & Disposable {
  const neighbours = neighboursIn(folder, slots, patience);
  return {
    follow: async (blob) => neighbours[homeOf(blob.digest, slots)]?.follow(blob),
    answer: () => undefined,
    [Symbol.dispose]() {
      for (const neighbour of neighbours) neighbour.close();
    },
  };
}

function neighboursIn(folder: string, slots: number, patience: number) {
  return Array.from({ length: slots }, (_, of) => createNeighbour(socketOf(folder, of), patience));
}

function socketOf(folder: string, slot: number): string {
  return join(folder, `fetch-${slot}.sock`);
}

/** Whose business a blob is. */
export function homeOf(digest: Digest, slots: number): number {
  return Number.parseInt(hexOf(digest).slice(0, 8), 16) % slots;
}

/** Of a process of this slot that was killed, and of slots that there were once. */
async function removeLeftovers(folder: string, slot: number, slots: number): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      const of = socketName.exec(name)?.[1];
      if (of !== undefined && (Number(of) === slot || Number(of) >= slots))
        await rm(join(folder, name), { force: true });
    }
  } catch (cause) {
    throw new AppError("unavailable", `no socket can be made in ${folder}`, { cause });
  }
}

async function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Stays: one connection that can't be taken ends nothing.
  server.on("error", reject);
  // The socket is made in this very call: nobody gets to it before its mode is set. A worker of node:cluster would
  // have its keeper listen, and share it, were it not exclusive.
  const mask = process.umask(0o177);
  try {
    server.listen({ path, exclusive: true }, resolve);
  } finally {
    process.umask(mask);
  }
  try {
    await promise;
  } catch (cause) {
    throw new AppError("unavailable", `nobody can listen on the socket ${path}`, { cause });
  }
}
