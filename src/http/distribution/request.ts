import type { Context } from "#http/edge/context.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type { Source } from "#core/source.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { DistributionNeeds } from "./needs.ts";

/** One matched request, as handlers get it. */
export interface DistributionRequest {
  ctx: Context;
  needs: DistributionNeeds;
  caller: Caller;
  /** Whom the audit log names for what this request does; undefined: it is off. */
  by: AuditActor | undefined;
  /** As policy and audit know it; empty on routes without a repository. */
  repository: RepositoryName;
  /** As the client named it, for what goes back to it. */
  named: RepositoryName;
  /** Where its content is read from. */
  source: Source;
  /** The last part of the path: reference, digest or upload id; raw text. */
  subject: string;
  query: URLSearchParams;
}

export type Handler = (request: DistributionRequest) => Promise<void> | void;
