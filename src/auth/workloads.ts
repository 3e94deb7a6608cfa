/**
 * Workload identity: CI jobs that prove themselves with a token of their own provider (OIDC). Owns which
 * provider a token is of and what its claims mean here. issuer → provider → keys → claims → rule → groups.
 */
import type { Live } from "#core/live.ts";
import { AppError } from "#core/errors.ts";
import { asymmetric, peekJwt, verifyJwt } from "#kit/jwt.ts";
import type { Authenticated } from "./authenticated.ts";
import { matchRule, type ClaimRule } from "./claim-rules.ts";
import type { KeySource } from "./key-source.ts";

export interface WorkloadIssuer {
  readonly name: string;
  readonly issuer: string;
  readonly audience: string;
  readonly rules: readonly ClaimRule[];
  readonly keys: KeySource;
}

export interface Workloads {
  /** Who this token of a provider stands for. Throws unauthenticated; unavailable without the issuer's keys. */
  authenticate(token: string): Promise<Authenticated>;
  /** Whether the provider still counts: access tokens of one that was taken out end with it. */
  knows(provider: string): boolean;
}

const longestSubject = 512;

/** @param clock ms since the epoch. */
export function createWorkloads(issuers: Live<readonly WorkloadIssuer[]>, clock: () => number): Workloads {
  async function tryOne(one: WorkloadIssuer, token: string, kid: string | undefined) {
    const { issuer, audience, keys, name, rules } = one;
    const candidates = await keys.candidates(kid);
    const proved = verifyJwt(token, candidates, { algorithms: asymmetric, issuer, audience, now: clock() });
    if ("fault" in proved) return proved;
    const { sub } = proved.claims;
    if (typeof sub !== "string" || sub === "" || sub.length > longestSubject || /\p{Cc}/u.test(sub))
      return { fault: "it has no subject" };
    const rule = matchRule(rules, proved.claims);
    if (rule === undefined) return { fault: "no rule of this registry matches its claims" };
    const who: Authenticated = {
      identity: {
        kind: "workload",
        id: `workload:${name}:${sub}`,
        name,
        admin: false,
        groups: rule.groups,
        rights: [],
      },
      accountId: undefined,
      secretId: undefined,
      limits: undefined,
    };
    return { who };
  }

  return {
    knows: (provider) => issuers.current.some(({ name }) => name === provider),
    async authenticate(token) {
      const peeked = peekJwt(token, asymmetric);
      if ("fault" in peeked) throw refused(peeked.fault);
      const { kid, issuer } = peeked;
      let fault = "its issuer is not one that this registry knows";
      // Several entries may name one issuer, with audiences and rules of their own.
      for (const one of issuers.current.filter((entry) => entry.issuer === issuer)) {
        const outcome = await tryOne(one, token, kid);
        if ("who" in outcome) return outcome.who;
        fault = outcome.fault;
      }
      throw refused(fault);
    },
  };
}

function refused(fault: string): AppError {
  return new AppError("unauthenticated", `the workload's token is not accepted: ${fault}`);
}
