import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";
import type { Clock } from "#core/clock.ts";
import type { UploadSession, Uploads } from "#core/metadata/uploads.ts";
import { uploadUnknown } from "./faults.ts";

/** The right to write to one upload, held by one request at a time across all processes. */
export interface UploadClaim extends AsyncDisposable {
  readonly session: UploadSession;
  readonly holder: string;
  /**
   * Throws upload-busy when the claim was lost: the writer must stop. A promise when too much time has passed for it
   * to be sure (the process stood still, or renewals failed): it asks; nothing may be written before it resolves.
   */
  check(): Promise<void> | undefined;
  /** The claim ended with the change that was just made; nothing is left to give back. */
  spent(): void;
}

/**
 * How long another server waits for one that died amid a request. One that is only slow loses nothing but when
 * somebody else asks for the upload: a claim that ran out still counts until then.
 */
const claimTime = 15_000;
const renewEvery = 5_000;
/** Since the last renewal that worked: somebody else can't have the claim yet. */
const sureFor = 12_000;
// A second writer is usually a client that came back before the server saw its first connection break.
const attempts = 8;
const pause = 250;

/** Waits up to two seconds for another writer to end. Throws upload-unknown, upload-busy. */
export async function claimUpload(
  uploads: Uploads,
  id: string,
  holder: string,
  clock: Clock,
): Promise<UploadClaim> {
  const session = await whenFree(async () => {
    const claimed = await uploads.claim(id, holder, clock(), clock() + claimTime);
    if (claimed === "busy") throw new AppError("upload-busy", "another request is writing to this upload");
    return claimed;
  });
  if (session === undefined) throw uploadUnknown(id);
  return hold(uploads, session, holder, clock);
}

/** Tries again while `work` throws upload-busy, for up to two seconds. */
export async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError && error.code === "upload-busy")) throw error;
      if (attempt === attempts)
        throw new AppError(error.code, `${error.message}: try again when it has ended`, {
          ...(error.subject === undefined ? {} : { subject: error.subject }),
          retryAfter: 1,
        });
      await sleep(pause);
    }
  }
}

function hold(uploads: Uploads, session: UploadSession, holder: string, clock: Clock): UploadClaim {
  let over = false;
  let lost = false;
  let held = now();

  async function renew(): Promise<void> {
    const asked = now();
    if (await uploads.renew(session.id, holder, clock() + claimTime)) held = asked;
    else if (!over) lost = true;
  }
  // A renewal that fails is tried again; the next check asks when none has worked for too long.
  const timer = setInterval(() => void renew().catch(() => undefined), renewEvery);
  timer.unref();

  function checkHeld(): void {
    if (lost)
      throw new AppError("upload-busy", "another request took this upload over", {
        subject: session.id,
        retryAfter: 1,
      });
  }

  return {
    session,
    holder,
    check() {
      checkHeld();
      return passed(held) < sureFor ? undefined : renew().then(checkHeld);
    },
    spent() {
      over = true;
      clearInterval(timer);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      if (over) return;
      over = true;
      await uploads.release(session.id, holder);
    },
  };
}

/** Two clocks: one is set now and then, the other stands still while the machine sleeps. */
interface Moment {
  wall: number;
  steady: number;
}

function now(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

/** ms; a clock that was set counts as time that passed. */
function passed(since: Moment): number {
  const { wall, steady } = now();
  return Math.max(Math.abs(wall - since.wall), steady - since.steady);
}
