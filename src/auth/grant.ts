import type { Access } from "#core/access.ts";
import { actions as everyAction, type Action, type Caller, type Grant } from "#core/caller.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Scope } from "./scopes.ts";

/** What the caller gets of what it asked for; scopes of which nothing is allowed are left out. */
export function grant(access: Access, caller: Caller, scopes: readonly Scope[]): Grant[] {
  return scopes.flatMap(({ type, name, actions }): Grant[] => {
    // The catalog is for everybody: it lists what the caller may read.
    if (type === "registry") return actions.includes("*") ? [{ type, name, actions: ["*"] }] : [];
    const granted = grantedActions(access, caller, name, actions);
    return granted.length === 0 ? [] : [{ type, name, actions: granted }];
  });
}

function grantedActions(
  access: Access,
  caller: Caller,
  repository: RepositoryName,
  asked: readonly string[],
): string[] {
  const may = (action: Action) => access.decide(caller, repository, action).allowed;
  const everything = asked.includes("*");
  const granted: string[] = [];
  if ((everything || asked.includes("pull")) && may("pull")) granted.push("pull");
  // Clients know one `push`; whether it may move a tag is asked again when it does.
  if ((everything || asked.includes("push")) && (may("push") || may("overwrite"))) granted.push("push");
  if (asked.includes("overwrite") && may("overwrite")) granted.push("overwrite");
  if ((everything || asked.includes("delete")) && may("delete")) granted.push("delete");
  if (everything && everyAction.every(may)) granted.push("*");
  return granted;
}

/** Grants as a scope string says them. */
export function scopeText(grants: readonly Grant[]): string {
  return grants.map(({ type, name, actions }) => `${type}:${name}:${actions.join()}`).join(" ");
}
