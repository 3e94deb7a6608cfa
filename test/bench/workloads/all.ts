import { cacheCold, cacheColdOverLink } from "./cache-cold.ts";
import { cacheCrowd } from "./cache-crowd.ts";
import { cacheImages } from "./cache-images.ts";
import { cacheWarm, cacheWarmRevalidated } from "./cache-warm.ts";
import { collect } from "./collect.ts";
import { collectAlone } from "./collect-alone.ts";
import { engineCrowd } from "./engine-crowd.ts";
import { engineMemory } from "./engine-memory.ts";
import { enginePushRun } from "./engine-push-run.ts";
import { engineRuns } from "./engine-runs.ts";
import { manifestGetWithToken, tokenIssue } from "./guarded.ts";
import { mount } from "./mount.ts";
import { pushes } from "./pushes.ts";
import { blobGets, blobHead, manifestGet } from "./reads.ts";
import { s3Commits } from "./s3-commits.ts";
import { s3Pulls, s3Redirects } from "./s3-pulls.ts";
import { s3Pushes } from "./s3-pushes.ts";
import { s3Turns } from "./s3-turns.ts";
import { start } from "./start.ts";
import { blobGetsThroughNginx } from "./through-nginx.ts";
import { tagPages } from "./tag-pages.ts";
import type { Workload } from "./workload.ts";

/** What one run measures, by its word on the command line; each in the order of its table. */
export const groups: Readonly<Record<GroupName, readonly Workload[]>> = {
  disk: [
    manifestGet,
    blobHead,
    ...blobGets,
    manifestGetWithToken,
    tokenIssue,
    ...blobGetsThroughNginx,
    ...pushes,
    mount,
    tagPages,
    start,
  ],
  s3: [...s3Pushes, s3Commits, ...s3Pulls, s3Redirects, s3Turns],
  cache: [cacheCold, cacheColdOverLink, cacheCrowd, cacheWarm, cacheWarmRevalidated, cacheImages],
  gc: [collectAlone, collect],
  engine: [engineRuns, enginePushRun, engineCrowd, engineMemory],
};

/** `disk` is what a run without a word measures. */
export type GroupName = "disk" | "s3" | "cache" | "engine" | "gc";
