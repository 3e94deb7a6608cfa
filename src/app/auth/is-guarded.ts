import type { Config } from "#config/config.ts";

/** Whether it asks who one is. Where not, nothing of it is loaded: each library costs every process memory. */
export function isGuarded({ auth }: Pick<Config, "auth">): boolean {
  return auth !== undefined && auth.mode !== "none";
}
