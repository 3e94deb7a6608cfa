import { actorOf, type AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";

/** Passes for admins and the operator at the machine, and says by which rule. Throws denied. */
export function mayManage(caller: Caller): AuditActor {
  if (caller.kind === "operator") return actorOf(caller, "control socket");
  if (isWhole(caller) && caller.admin) return actorOf(caller, "admin");
  throw new AppError(
    "denied",
    caller.kind === "open"
      ? "auth is off, so accounts are managed at the machine only: berth user, group, robot, token"
      : `${caller.name} may not manage accounts: an admin may`,
  );
}

/** As mayManage; a user passes for himself too. */
export function mayManageOwn(caller: Caller, name: string): AuditActor {
  if (isSelf(caller, name)) return actorOf(caller, "own account");
  return mayManage(caller);
}

/** Whether it is the user of this name, with a credential that isn't narrower than he is. */
export function isSelf(caller: Caller, name: string): boolean {
  return caller.kind === "user" && caller.name === name && isWhole(caller);
}

/** A token for repositories, or one that was made for less, is no good for accounts. */
function isWhole({ grants, limits }: Caller): boolean {
  return grants === undefined && limits === undefined;
}
