import type { TransferStep } from "#core/engine/registries.ts";
import type { Digest } from "#oci/digest.ts";
import { shortId, type Lines } from "./lines.ts";

/** Turns what happens to layers' blobs into the lines that docker's clients draw, each told once. */
export function createPullLines(lines: Lines) {
  const told = new Map<Digest, Set<string>>();

  function say(digest: Digest, status: string): void {
    const before = told.get(digest) ?? new Set();
    if (before.has(status)) return;
    told.set(digest, before.add(status));
    lines.add({ status, progressDetail: {}, id: shortId(digest) });
  }

  function move(digest: Digest, status: string, current: number, total: number): void {
    const progressDetail = { current, total };
    lines.update(`${status} ${digest}`, { status, progressDetail, id: shortId(digest) });
  }

  return {
    step({ digest, state, current, total }: TransferStep): void {
      // Whether it is unpacked, too, is known when the config is here.
      if (state === "there" || state === "mounted") return;
      say(digest, "Pulling fs layer");
      if (state === "waiting") say(digest, "Waiting");
      else if (state === "moving") move(digest, "Downloading", current ?? 0, total ?? 0);
      else if (state === "verifying") say(digest, "Verifying Checksum");
      else say(digest, "Download complete");
    },
    extracting(digest: Digest, current: number, total: number): void {
      say(digest, "Pulling fs layer");
      move(digest, "Extracting", current, total);
    },
    done(digest: Digest, fresh: boolean): void {
      const here = !fresh && !told.has(digest);
      if (here) say(digest, "Already exists");
      else if (!told.get(digest)?.has("Already exists")) say(digest, "Pull complete");
    },
  };
}
