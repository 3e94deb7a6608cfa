import type { Config } from "#config/config.ts";

/** Whether the audit log is written: where auth is on, unless the configuration says otherwise. */
export function keepsAudit({ audit, auth }: Pick<Config, "audit" | "auth">): boolean {
  if (audit.enabled !== "auto") return audit.enabled;
  return auth !== undefined && auth.mode !== "none";
}
