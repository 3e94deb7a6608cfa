/**
 * Seccomp profiles as the kernel takes them. Compiling one takes crun 35 ms of each create; what it compiled lies beside
 * the container's state, is kept here, and is handed back as an annotation. runc has no such thing.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";

const annotation = "run.oci.seccomp_bpf_data";
/** Profiles differ by container only where users bring their own. */
const mostInMemory = 16;

export interface CompiledFilters {
  /** The spec with its filter, where it is known. */
  withFilter(spec: RuntimeSpec): Promise<RuntimeSpec>;
  /** Keeps what the runtime compiled for a container that was made with `spec`. Never throws. */
  keep(spec: RuntimeSpec, stateFolder: string): Promise<void>;
}

/** @param folder nobody else may write there: what lies in it decides what containers may do */
export function createCompiledFilters(folder: string, runtime: string): CompiledFilters {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const filters = new Map<string, string>();

  // The profile is settled by capabilities already when it stands in the spec.
  const keyOf = ({ linux }: RuntimeSpec): string =>
    createHash("sha256")
      .update(JSON.stringify([runtime, process.arch, release(), linux.seccomp]))
      .digest("hex");

  const remember = (key: string, filter: string) => {
    const [oldest] = filters.keys();
    if (filters.size >= mostInMemory && oldest !== undefined) filters.delete(oldest);
    filters.set(key, filter);
  };

  return {
    async withFilter(spec) {
      if (spec.linux.seccomp === undefined) return spec;
      const key = keyOf(spec);
      let filter = filters.get(key);
      if (filter === undefined) {
        filter = (await readFile(join(folder, key)).catch(() => undefined))?.toString("base64");
        if (filter === undefined) return spec;
        remember(key, filter);
      }
      return { ...spec, annotations: { ...spec.annotations, [annotation]: filter } };
    },

    async keep(spec, stateFolder) {
      if (spec.linux.seccomp === undefined || spec.annotations?.[annotation] !== undefined) return;
      const key = keyOf(spec);
      if (filters.has(key)) return;
      const draft = join(folder, `.${randomUUID()}`);
      try {
        const filter = await readFile(join(stateFolder, "seccomp.bpf"));
        // A filter is a row of 8-byte instructions; an empty one would let everything through.
        if (filter.length === 0 || filter.length % 8 !== 0) return;
        await writeFile(draft, filter, { mode: 0o600 });
        await rename(draft, join(folder, key));
        remember(key, filter.toString("base64"));
      } catch {
        // Only slower the next time.
        await rm(draft, { force: true }).catch(() => undefined);
      }
    },
  };
}
