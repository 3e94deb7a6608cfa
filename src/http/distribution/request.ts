import type { Context } from "#http/edge/context.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { DistributionNeeds } from "./needs.ts";

/** One matched request, as handlers get it. */
export interface DistributionRequest {
  ctx: Context;
  needs: DistributionNeeds;
  caller: Caller;
  /** Whom the audit log names for what this request does; undefined: it is off. */
  by: AuditActor | undefined;
  /** Checked; empty on routes without a repository. */
  repository: RepositoryName;
  /** The last part of the path: reference, digest or upload id; raw text. */
  subject: string;
  query: URLSearchParams;
}

export type Handler = (request: DistributionRequest) => Promise<void> | void;
