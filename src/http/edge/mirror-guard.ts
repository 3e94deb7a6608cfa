import type { Access } from "#core/access.ts";
import { actorOf, type AuditReads } from "#core/audit.ts";
import { anonymous, open, type Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Context } from "./context.ts";
import { exchangeOf } from "./exchange.ts";
import type { Guard } from "./guard.ts";
import type { Origins } from "./origin.ts";

export interface MirrorGuardParts {
  /** Whether auth is on. */
  guarded: boolean;
  access: Access;
  origins: Origins;
  /** Takes notes for the audit log; undefined: it is off. */
  reads: AuditReads | undefined;
}

/**
 * The guard of a mirror's address: dockerd sends a mirror no credentials, so everybody is anonymous there, nobody is
 * asked to sign in, and credentials that come all the same are looked at by nobody.
 */
export function createMirrorGuard({ guarded, access, origins, reads }: MirrorGuardParts): Guard {
  const identify = (ctx: Context): Promise<Caller> =>
    Promise.resolve({
      ...(guarded ? anonymous : open),
      address: origins.client(ctx.req),
      request: exchangeOf(ctx).id,
    });

  return {
    identify,
    permit(_ctx, caller, repository, actions) {
      for (const action of actions) {
        const decision = access.decide(caller, repository, action);
        if (!decision.allowed) continue;
        const actor = actorOf(caller, decision.rule);
        return reads === undefined ? { ...actor, unrecorded: true } : actor;
      }
      reads?.note({ ...actorOf(caller, ""), action: "denied", repository, subject: actions[0] });
      throw new AppError("denied", `not everybody may pull ${repository}, and a mirror knows nobody`, {
        subject: repository,
      });
    },
    readsMetrics: () => Promise.reject(nobody()),
    identifyPerson: () => Promise.reject(nobody()),
    signedIn: () => undefined,
    catalogReader: (_ctx, caller) => caller,
    challenge: () => undefined,
  };
}

function nobody(): AppError {
  return new AppError("denied", "a mirror knows nobody: ask at the registry's own address");
}
