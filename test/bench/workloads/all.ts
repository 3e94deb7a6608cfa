import { manifestGetWithToken, tokenIssue } from "./guarded.ts";
import { mount } from "./mount.ts";
import { pushes } from "./pushes.ts";
import { blobGets, blobHead, manifestGet } from "./reads.ts";
import { start } from "./start.ts";
import { blobGetsThroughNginx } from "./through-nginx.ts";
import { tagPages } from "./tag-pages.ts";
import type { Workload } from "./workload.ts";

/** In the order of the table. */
export const workloads: readonly Workload[] = [
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
];
