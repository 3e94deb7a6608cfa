import { compilePolicy, type Policy } from "#auth/policy.ts";
import type { Config, MissingReferencesRule } from "#config/config.ts";
import { live, type Live } from "#core/live.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { compileQuotas, type Quotas } from "#registry/quotas.ts";
import { missingReferencesRule } from "./missing-references-rule.ts";

/** What may change while a process serves, as services take it. */
export interface Settings {
  config: Live<Config>;
  policy: Live<Policy>;
  missingReferences: Live<(repository: RepositoryName) => MissingReferencesRule["allow"]>;
  quotas: Live<Quotas>;
  /** Takes over what may change of a configuration that was read again. */
  apply(next: Config): void;
}

export function createSettings(first: Config): Settings {
  const config = live(first);
  const policy = live(policyOf(first));
  const missingReferences = live(missingReferencesRule(first.policy.missing_references));
  const quotas = live(compileQuotas(first.quotas));
  return {
    config,
    policy,
    missingReferences,
    quotas,
    apply(next) {
      config.swap(next);
      policy.swap(policyOf(next));
      missingReferences.swap(missingReferencesRule(next.policy.missing_references));
      quotas.swap(compileQuotas(next.quotas));
    },
  };
}

/** The rules in force; an account that is called like an upstream doesn't own what is pulled from there. */
export function policyOf({ policy, upstreams }: Pick<Config, "policy" | "upstreams">): Policy {
  return compilePolicy(
    policy,
    upstreams.map(({ name }) => name),
  );
}
