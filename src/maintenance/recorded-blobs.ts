import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";

/** Blobs of one read. */
const page = 500;

/** Every recorded blob, by digest; what is pushed meanwhile may or may not come. */
export async function* recordedBlobs(
  repositories: Pick<Repositories, "recordedBlobs">,
): AsyncGenerator<BlobFacts, void, void> {
  let last: string | undefined;
  for (;;) {
    const found = await repositories.recordedBlobs({ limit: page, last });
    yield* found;
    if (found.length < page) return;
    last = found.at(-1)?.digest;
  }
}

/** Those of them that weren't found damaged. */
export async function* soundBlobs(
  repositories: Pick<Repositories, "recordedBlobs">,
): AsyncGenerator<BlobFacts, void, void> {
  for await (const facts of recordedBlobs(repositories)) if (!facts.damaged) yield facts;
}
