import assert from "node:assert/strict";
import { cachedName } from "#core/cached-name.ts";
import type { Location } from "#core/blob-store.ts";
import type { CachedPiece } from "#core/metadata/cached-content.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { blob, digest, layer, location, manifest } from "./content.ts";

const named = (text: string) => text as RepositoryName;
const cachedOnes = ["docker.io/a", "docker.io/b", "quay.io/c"].map((text) => cachedName(named(text)));
const hostedOnes = ["team/a", "team/b"].map(named);
const count = (length: number) => Array.from({ length }, (_, i) => i);

/**
 * Servers push, mount, pull and evict the same few blobs at once. A set of locations stands for the store: commits
 * add to it, what is redundant or evicted is taken out as its callers do. Whatever a repository links must be in it;
 * and a hosted repository keeps what it once got.
 */
export async function raceEvictions(servers: readonly Metadata[], rounds: number): Promise<void> {
  const bytes = new Set<Location>();
  const server = (i: number) => servers[i % servers.length] as Metadata;
  const outcomes = { evicted: 0, forgotten: 0, mounted: 0, refused: 0 };
  let serial = 0;
  let clock = 1_000;

  async function push(i: number, repository: RepositoryName, text: string): Promise<void> {
    const place = location(`at/${serial++}`);
    bytes.add(place);
    const { redundant } = await server(i).repositories.addBlob(
      blob(repository, text, { location: place, now: clock }),
    );
    if (redundant !== undefined) bytes.delete(redundant);
  }

  async function mount(
    i: number,
    repository: RepositoryName,
    from: RepositoryName | undefined,
    text: string,
  ) {
    const found = await server(i).repositories.mount(repository, digest(text), from, clock, undefined);
    outcomes[found ? "mounted" : "refused"]++;
    if (found && hostedOnes.includes(repository)) await checkHosted(i, repository, text);
  }

  /** It was promised, so from now on it is there. */
  async function checkHosted(i: number, repository: RepositoryName, text: string): Promise<void> {
    const facts = await server(i).repositories.blob(repository, digest(text));
    assert.ok(facts, `${repository} lost ${text}`);
    assert.ok(bytes.has(facts.location), `${repository}: the bytes of ${text} are gone`);
  }

  async function evict(i: number): Promise<void> {
    const { cached, garbage } = server(i);
    const pieces: CachedPiece[] = await cached.coldest({
      upstream: i % 2 === 0 ? undefined : "docker.io",
      before: Number.MAX_SAFE_INTEGER,
      limit: 20,
      after: undefined,
    });
    if (i % 3 === 0) pieces.reverse();
    const done = await cached.evict(pieces, clock);
    outcomes.evicted += done.pieces;
    const gone = await garbage.tombstones(Number.MAX_SAFE_INTEGER, 100);
    for (const { location: place } of gone) if (bytes.delete(place)) outcomes.forgotten++;
    await garbage.forgetTombstones(gone.map(({ location: place }) => place));
  }

  const pick = <T>(from: readonly T[], i: number) => from[i % from.length] as T;
  for (const round of count(rounds)) {
    clock += 100_000;
    const texts = ["x", "y", "z"].map((text) => `${text}${round}`);
    for (const [i, text] of texts.entries()) await push(i, pick(cachedOnes, i), text);
    await Promise.all(
      count(24).map(async (i) => {
        const text = pick(texts, i + round);
        const cachedOne = pick(cachedOnes, i >> 1);
        if (i % 6 === 0) await push(i, cachedOne, text);
        else if (i % 6 === 1) {
          await evict(i + round);
          await mount(i, cachedOne, undefined, text);
        } else if (i % 6 === 2) await mount(i, pick(hostedOnes, i >> 3), pick(cachedOnes, i + round), text);
        else if (i % 6 === 3) await mount(i, cachedOne, undefined, text);
        else if (i % 6 === 4)
          await server(i).repositories.putManifest(
            manifest(cachedOne, `m${round}-${i}`, {
              now: clock,
              references: texts.map((of) => layer(of, { required: false })),
            }),
          );
        else {
          const named = [...texts, `m${round}-${i - 1}`].map((of) => digest(of));
          const pulls = cachedOnes.flatMap((repository) =>
            named.map((of) => ({ repository, digest: of, at: clock + i * 70_000 })),
          );
          await server(i).cached.pulled(i % 2 === 0 ? pulls : pulls.reverse());
          if (i === 23) await push(i, pick(hostedOnes, round), text);
        }
      }),
    );
    for (const repository of [...cachedOnes, ...hostedOnes])
      for (const text of texts) {
        const facts = await server(round).repositories.blob(repository, digest(text));
        if (facts) assert.ok(bytes.has(facts.location), `${repository} links ${text}, whose bytes are gone`);
      }
    await checkHosted(round, pick(hostedOnes, round), pick(texts, 23 + round));
  }
  for (const what of ["evicted", "forgotten", "mounted"] as const)
    assert.ok(outcomes[what] > 0, `nothing was ${what}`);
  // Of what one server evicted before it looks, a mount finds nothing.
  const text = "last";
  await push(0, pick(cachedOnes, 0), text);
  await evict(0);
  await mount(0, pick(hostedOnes, 0), undefined, text);
  assert.ok(outcomes.refused > 0, "nothing was refused");
}
