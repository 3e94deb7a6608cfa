import { createAccess } from "#auth/policy.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createRetention, type Retention } from "#maintenance/retention/retention.ts";
import { keepsAudit } from "../audit/keeps-audit.ts";
import type { Settings } from "../settings.ts";

type Ruled = Pick<Settings, "config" | "policy">;

/** Retention by the rules in force. */
export function retentionOf({ config, policy }: Ruled, metadata: Metadata): Retention {
  const access = createAccess(policy);
  return createRetention({
    metadata,
    rules: {
      get current() {
        return config.current.retention.rules;
      },
    },
    immutable: (repository, tag) => access.immutable(repository, tag),
    clock: () => metadata.now(),
    by: actor(config),
  });
}

/** What the audit log and events name for what is removed by rules. */
function actor({ current }: Ruled["config"]): Omit<AuditActor, "rule"> {
  return {
    ...({ actorId: undefined, actor: "retention", kind: "operator", address: "", request: "" } as const),
    ...(keepsAudit(current) ? {} : { unrecorded: true as const }),
  };
}
