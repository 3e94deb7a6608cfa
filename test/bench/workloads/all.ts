import { mount } from "./mount.ts";
import { pushes } from "./pushes.ts";
import { blobGets, blobHead, manifestGet } from "./reads.ts";
import { start } from "./start.ts";
import { tagPages } from "./tag-pages.ts";
import type { Workload } from "./workload.ts";

/** In the order of the table. */
export const workloads: readonly Workload[] = [
  manifestGet,
  blobHead,
  ...blobGets,
  ...pushes,
  mount,
  tagPages,
  start,
];
