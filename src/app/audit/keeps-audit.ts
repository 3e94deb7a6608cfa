import type { Config } from "#config/config.ts";
import { isGuarded } from "../auth/is-guarded.ts";

/** Whether the audit log is written: where auth is on, unless the configuration says otherwise. */
export function keepsAudit(config: Pick<Config, "audit" | "auth">): boolean {
  const { enabled } = config.audit;
  return enabled === "auto" ? isGuarded(config) : enabled;
}
