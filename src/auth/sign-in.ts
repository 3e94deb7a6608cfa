import type { AuditReads } from "#core/audit.ts";
import { AppError } from "#core/errors.ts";
import { looksLikeJwt } from "#kit/jwt.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Credentials } from "./credentials.ts";
import type { Workloads } from "./workloads.ts";

/** From where somebody signs in. */
export interface SignInFrom {
  /** Client address. */
  readonly address: string;
  /** Request id. */
  readonly request: string;
}

export interface SignIn {
  /** A name and its secret, or a workload's token as the secret (whatever the name). Throws like Credentials.check. */
  password(name: string, secret: string, from: SignInFrom): Promise<Authenticated>;
  /** A workload's token. */
  workload(token: string, from: SignInFrom): Promise<Authenticated>;
}

export interface SignInParts {
  credentials: Pick<Credentials, "check" | "hasName">;
  /** Undefined: none are configured. */
  workloads: Workloads | undefined;
  /** Undefined: nothing is audited. */
  reads: AuditReads | undefined;
}

/** Proves who somebody is, and leaves a line in the audit log, also of failures. */
export function createSignIn({ credentials, workloads, reads }: SignInParts): SignIn {
  async function noted(
    name: string,
    from: SignInFrom,
    prove: Promise<Authenticated>,
  ): Promise<Authenticated> {
    try {
      const who = await prove;
      const { id, name: actor, kind } = who.identity;
      reads?.note({ ...from, actorId: id, actor, kind, rule: "", action: "sign-in" });
      return who;
    } catch (error) {
      if (
        error instanceof AppError &&
        (error.code === "unauthenticated" || error.code === "too-many-attempts")
      ) {
        const known = reads !== undefined && (name === "workload" || (await credentials.hasName(name)));
        reads?.note({
          ...from,
          actorId: undefined,
          // People type their password where the name belongs: only what is a name is written down.
          actor: known ? name : "(unknown name)",
          kind: "anonymous",
          rule: error.code === "too-many-attempts" ? "too many wrong passwords" : error.message,
          action: "sign-in-failed",
        });
      }
      throw error;
    }
  }

  async function byToken(token: string): Promise<Authenticated> {
    if (workloads !== undefined) return workloads.authenticate(token);
    throw new AppError("unauthenticated", "this registry accepts no tokens of workloads");
  }

  return {
    password: (name, secret, from) =>
      noted(
        name,
        from,
        workloads !== undefined && looksLikeJwt(secret)
          ? workloads.authenticate(secret)
          : credentials.check(name, secret, from.address),
      ),
    workload: (token, from) => noted("workload", from, byToken(token)),
  };
}
