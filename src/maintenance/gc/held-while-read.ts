import type { BlobStore, Location, OpenBlob } from "#core/blob-store.ts";
import { readingLeases } from "#core/metadata/lease-names.ts";
import type { Lease, Leases } from "#core/metadata/leases.ts";
import { uuid } from "#kit/uuid.ts";

/** ms. A reader that is done sooner costs nothing: bytes stay longer than that after nobody has them any more. */
const heldAfter = 30_000;
const ttl = 60_000;
const renewEvery = 20_000;

export interface HeldParts {
  leases: Pick<Leases, "take" | "renew" | "release">;
  /** Where a reader breaks off when the bytes are removed, as in a bucket. */
  breaksOff: (location: Location) => boolean;
  /** ms, for tests. */
  after?: number;
  every?: number;
}

/**
 * The store, where readers that take long hold a lease on what they read (one for each process and location), so that
 * garbage collection leaves its bytes. A lease that can't be had is tried again; reading goes on meanwhile.
 */
export function heldWhileRead(store: BlobStore, parts: HeldParts): BlobStore {
  const { leases, breaksOff, after = heldAfter, every = renewEvery } = parts;
  const holder = uuid();
  const readers = new Map<Location, { count: number; hold: Hold }>();

  function begin(location: Location): () => void {
    const known = readers.get(location) ?? { count: 0, hold: createHold(location) };
    readers.set(location, known);
    known.count++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      known.count--;
      if (known.count > 0) return;
      readers.delete(location);
      known.hold.end();
    };
  }

  function createHold(location: Location): Hold {
    // Of this process alone: another that reads the same mustn't wait until this one is done.
    const name = `${readingLeases}${location} ${holder}`;
    let lease: Lease | undefined;
    let ended = false;
    let running: Promise<void> = Promise.resolve();

    async function take(): Promise<void> {
      try {
        if (lease !== undefined && (await leases.renew(lease, ttl))) return;
        lease = await leases.take(name, holder, ttl);
      } catch {
        // The next turn tries again.
      }
    }
    const turn = () => {
      running = running.then(() => (ended ? undefined : take()));
    };
    let timer: NodeJS.Timeout = setTimeout(() => {
      turn();
      timer = setInterval(turn, every).unref();
    }, after).unref();
    return {
      end() {
        ended = true;
        clearTimeout(timer);
        clearInterval(timer);
        // Where it can't be given back it ends by itself.
        void running
          .then(() => (lease === undefined ? undefined : leases.release(lease)))
          .catch(() => undefined);
      },
    };
  }

  return {
    ...store,
    async open(location): Promise<OpenBlob> {
      if (!breaksOff(location)) return store.open(location);
      // From before it is opened: what is found there shall stay.
      const end = begin(location);
      try {
        const blob = await store.open(location);
        const close = async () => {
          end();
          await blob.close();
        };
        return {
          size: blob.size,
          read: (start, last) => blob.read(start, last),
          close,
          [Symbol.asyncDispose]: close,
        };
      } catch (error) {
        end();
        throw error;
      }
    },
  };
}

interface Hold {
  end(): void;
}
