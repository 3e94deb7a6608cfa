import type { TransferStep } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Upstream } from "#core/upstream.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** A download that breaks off goes on where it was, so often. */
const mostResumes = 3;
/** ms between two reports of one blob. */
const reportEvery = 100;

/**
 * A blob's bytes from another registry, not more of them than its descriptor says, and not proved. Throws what the registry's
 * client throws; leaving the loop ends the connection.
 */
export async function* fetchBlob(
  source: Pick<Upstream, "blob">,
  repository: RepositoryName,
  { digest, size }: Descriptor,
  report: (line: TransferStep) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0;
  let reported = 0;
  for (let resumes = 0; ; resumes++) {
    const began = at;
    try {
      for await (const chunk of restOf(source, repository, digest, at, signal)) {
        at += chunk.length;
        if (at > size) throw sizeFault(digest, size);
        if (performance.now() - reported >= reportEvery) {
          reported = performance.now();
          report({ digest, state: "moving", current: at, total: size });
        }
        yield chunk;
      }
      if (at < size) throw new AppError("upstream-failed", `${digest} broke off at ${at} of ${size} bytes`);
      report({ digest, state: "moving", current: at, total: size });
      return;
    } catch (error) {
      const broken = error instanceof AppError && error.code === "upstream-failed";
      if (!broken || at === began || resumes === mostResumes || signal.aborted) throw error;
    }
  }
}

/** From `at` on, also of a registry that can only begin at the beginning. */
async function* restOf(
  source: Pick<Upstream, "blob">,
  repository: RepositoryName,
  digest: Descriptor["digest"],
  at: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { from, body } = await source.blob(repository, digest, at, signal);
  let skip = at - from;
  for await (const chunk of body) {
    const kept = Math.max(0, chunk.length - skip);
    skip -= chunk.length - kept;
    if (kept > 0) yield chunk.subarray(chunk.length - kept);
  }
}

function sizeFault(digest: string, size: number): AppError {
  return new AppError(
    "engine-failed",
    `the registry sends more bytes for ${digest} than the manifest says (${size})`,
  );
}
