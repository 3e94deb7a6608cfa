import assert from "node:assert/strict";
import type { Location } from "#core/blob-store.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alice } from "./audit-content.ts";
import { blob, digest, layer, location, manifest, tag } from "./content.ts";

const repositoriesOfRace = ["team/a", "team/b", "team/c"].map((name) => name as RepositoryName);
/** Blobs that its clients delete again at once. */
const lone = "team/lone" as RepositoryName;
const count = (length: number) => Array.from({ length }, (_, i) => i);
const pick = <T>(from: readonly T[], i: number) => from[i % from.length] as T;

/**
 * Servers push, mount, name, look at and let go the same few blobs at once, while others collect garbage without any
 * grace but the clock's: what was told of at a time isn't garbage of before it. A set of locations stands for the store.
 * What was promised must be there, what is linked has its bytes, and counters are right at the end.
 */
export async function raceGarbage(servers: readonly Metadata[], rounds: number): Promise<void> {
  const bytes = new Set<Location>();
  const server = (i: number) => pick(servers, i);
  const outcomes = { dropped: 0, buried: 0, manifests: 0, mounted: 0, named: 0, missing: 0, touched: 0 };
  let serial = 0;
  let clock = 1_000;

  const actor = (i: number) => ({ ...alice, actorId: `user:${i % 3}`, unrecorded: true as const });

  async function push(i: number, repository: RepositoryName, text: string, check = true): Promise<void> {
    const place = location(`at/${serial++}`);
    bytes.add(place);
    const { redundant } = await server(i).repositories.addBlob(
      blob(repository, text, { location: place, now: clock, by: actor(i) }),
    );
    if (redundant !== undefined) bytes.delete(redundant);
    if (check) await promised(i, repository, text);
  }

  /** It was told of just now, and garbage is what is older. */
  async function promised(i: number, repository: RepositoryName, text: string): Promise<void> {
    const facts = await server(i).repositories.blob(repository, digest(text));
    assert.ok(facts, `${repository} lost ${text}`);
    assert.ok(bytes.has(facts.location), `${repository}: the bytes of ${text} are gone`);
  }

  async function name(i: number, repository: RepositoryName, texts: readonly string[], what: string) {
    const put = await server(i).repositories.putManifest(
      manifest(repository, what, {
        now: clock,
        references: texts.map((text) => layer(text)),
        tags: i % 2 === 0 ? [{ name: tag(`t${i % 3}`), was: "any" }] : [],
        by: actor(i),
      }),
    );
    outcomes[put.outcome === "stored" ? "named" : "missing"]++;
    if (put.outcome !== "stored") return;
    for (const text of texts) await promised(i, repository, text);
  }

  async function collect(i: number): Promise<void> {
    const { garbage } = server(i);
    const { manifests } = await garbage.looseManifests(100, undefined);
    const removed = await garbage.dropManifests(manifests, clock, clock);
    outcomes.manifests += removed.manifests;
    const links = await garbage.looseLinks(clock, 40, undefined);
    if (i % 2 === 0) links.reverse();
    const dropped = await garbage.dropLinks(links, clock, clock);
    outcomes.dropped += dropped.count;
    outcomes.buried += dropped.blobs;
    await garbage.dropBlobs(await garbage.looseBlobs(clock, 40), clock, clock);
    const gone = await garbage.tombstones(clock + 1, 100);
    for (const { location: place } of gone) bytes.delete(place);
    await garbage.forgetTombstones(gone.map(({ location: place }) => place));
  }

  for (const round of count(rounds)) {
    clock += 100;
    const texts = count(4).map((n) => `blob ${n + (round % 3)}`);
    await Promise.all(
      count(28).map(async (i) => {
        const text = pick(texts, i + round);
        const repository = pick(repositoriesOfRace, (i >> 1) + round * (i % 3));
        const { repositories, garbage } = server(i);
        if (i % 7 === 0) await push(i, repository, text);
        else if (i % 7 === 1 || i % 7 === 5) await collect(i + round);
        else if (i % 7 === 2) {
          const from = pick(repositoriesOfRace, i + 1);
          const found = await repositories.mount(repository, digest(text), from, clock, actor(i));
          if (found === undefined) return;
          outcomes.mounted++;
          await promised(i, repository, text);
        } else if (i % 7 === 3) {
          const references = texts.slice(i % 4).slice(0, 1 + (i % 2));
          // Some push what they name, as clients do, others trust that it is there.
          if (i % 2 === 1) for (const one of references) await push(i, repository, one);
          await name(i, repository, references, `m${round % 4}-${i % 4}`);
        } else if (i % 7 === 4) {
          if (!(await garbage.touch(repository, "blob", digest(text), clock, 0))) return;
          outcomes.touched++;
          await promised(i, repository, text);
        } else {
          await repositories.deleteManifest(
            repository,
            digest(`m${round % 4}-${i % 4}`),
            {},
            clock,
            actor(i),
          );
          await repositories.deleteTag(repository, tag(`t${i % 3}`), {}, clock, actor(i));
          await server(i).tagRoom.forget(clock + 1, 10, clock);
          await push(i, lone, text, false);
          await repositories.unlinkBlob(lone, digest(text), clock, actor(i));
        }
      }),
    );
  }
  for (const what of ["dropped", "buried", "manifests", "mounted", "named", "touched"] as const)
    assert.ok(outcomes[what] > 0, `nothing was ${what}: ${JSON.stringify(outcomes)}`);
  clock += 1_000;
  await checkEnd(server(0), bytes, clock);
}

/** What is marked as loose is what no manifest names, and counters say what there is. */
async function checkEnd(metadata: Metadata, bytes: ReadonlySet<Location>, now: number): Promise<void> {
  const { repositories, garbage, usage } = metadata;
  const marked = await garbage.looseLinks(now, 1_000, undefined);
  const isMarked = new Set(marked.map((link) => `${link.repository} ${link.digest}`));
  for (const repository of repositoriesOfRace) {
    const used = { bytes: 0, blobs: 0 };
    for (const n of count(8)) {
      const facts = await repositories.blob(repository, digest(`blob ${n}`));
      if (facts === undefined) continue;
      assert.ok(bytes.has(facts.location), `${repository} links blob ${n}, whose bytes are gone`);
      used.bytes += facts.size;
      used.blobs++;
      const named = await metadata.cached.naming(repository, facts.digest);
      const mark = isMarked.has(`${repository} ${facts.digest}`);
      assert.equal(mark, named === undefined, `${repository} blob ${n}: ${mark ? "loose" : "held"}`);
    }
    let manifests = 0;
    for (const n of count(4))
      for (const m of count(4)) {
        const facts = await repositories.manifestFacts(repository, digest(`m${n}-${m}`));
        if (facts === undefined) continue;
        manifests++;
        used.bytes += facts.size;
      }
    const counted = await usage.repository(repository);
    assert.deepEqual(
      [counted?.bytes ?? 0, counted?.blobs ?? 0, counted?.manifests ?? 0],
      [used.bytes, used.blobs, manifests],
    );
  }
}
