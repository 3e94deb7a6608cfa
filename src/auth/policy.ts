/**
 * The policy: who may do what to which repository. Owns the rules' meaning; pure, reads nothing but what
 * it was compiled from. credential's bounds → admin → own rights → own namespace → rules, first yes wins.
 */
import type { Access, Decision } from "#core/access.ts";
import type { Action, Caller, Grant, Right } from "#core/caller.ts";
import { isAmong } from "#core/is-among.ts";
import type { Live } from "#core/live.ts";
import { compileGlob } from "#kit/glob.ts";
import type { RepositoryName } from "#oci/reference.ts";

export interface PolicyRules {
  rules: readonly {
    name: string | undefined;
    repositories: readonly string[];
    /** `user:NAME`, `robot:NAME`, `group:NAME`, `workload:NAME`, `signed-in`, `anonymous`. */
    who: readonly string[];
    allow: readonly Action[];
  }[];
  namespaces: "user" | "none";
  /** Who may read /metrics, beside admins; words like `who`. */
  metrics: readonly string[];
  immutable_tags: readonly {
    repositories: readonly string[];
    tags: readonly string[];
    except: readonly string[];
  }[];
}

/** Rules made ready for many questions. */
export interface Policy {
  allows(caller: Caller, repository: string, action: Action): Decision;
  immutable(repository: string, tag: string): string | undefined;
  readsMetrics(caller: Caller): boolean;
  hasImmutable(repository: string): boolean;
}

/** The policy as services and doors ask it; a reload swaps what it asks. */
export function createAccess(policy: Live<Policy>): Access {
  return {
    decide: (caller, repository, action) => decide(policy.current, caller, repository, action),
    immutable: (repository, tag) => policy.current.immutable(repository, tag),
    readsMetrics: (caller) =>
      caller.kind === "open" ||
      (caller.grants === undefined && caller.limits === undefined && policy.current.readsMetrics(caller)),
    hasImmutable: (repository) => policy.current.hasImmutable(repository),
  };
}

function decide(policy: Policy, caller: Caller, repository: RepositoryName, action: Action): Decision {
  if (caller.kind === "open") return { allowed: true, rule: "auth is off" };
  const { grants, limits } = caller;
  if (grants !== undefined && !granted(grants, repository, action))
    return { allowed: false, rule: "the access token has no such scope" };
  if (limits !== undefined && !held(limits, repository, action))
    return { allowed: false, rule: "the credential was made for less" };
  // An outside token server has decided already, and its token says what.
  if (caller.kind === "outside")
    return grants === undefined
      ? { allowed: false, rule: "the access token has no such scope" }
      : { allowed: true, rule: "outside token server" };
  return policy.allows(caller, repository, action);
}

/**
 * @param others first components of names that are nobody's namespace, whatever an account is called: upstreams.
 */
export function compilePolicy(from: PolicyRules, others: readonly string[] = []): Policy {
  const rules = from.rules.map(({ name, repositories, who, allow }, at) => ({
    title: name ?? `policy.rules[${at}]`,
    covers: anyGlob(repositories, compileGlob),
    who: new Set(who),
    allow: new Set<Action>(allow),
  }));
  const immutable = from.immutable_tags.map(({ repositories, tags, except }, at) => ({
    title: `policy.immutable_tags[${at}]`,
    covers: anyGlob(repositories, compileGlob),
    tag: anyGlob(tags, compileGlob),
    except: anyGlob(except, compileGlob),
  }));
  const metrics = new Set(from.metrics);
  return {
    allows(caller, repository, action) {
      if (caller.admin || caller.kind === "operator") return { allowed: true, rule: "admin" };
      if (held(caller.rights, repository, action)) return { allowed: true, rule: `rights of ${caller.name}` };
      const own = from.namespaces === "user" && caller.kind === "user" && !others.includes(caller.name);
      if (own && repository.startsWith(`${caller.name}/`))
        return { allowed: true, rule: `namespace of ${caller.name}` };
      const rule = rules.find(
        ({ covers, who, allow }) => allow.has(action) && isAmong(who, caller) && covers(repository),
      );
      return rule === undefined
        ? { allowed: false, rule: "no rule allows it" }
        : { allowed: true, rule: rule.title };
    },
    readsMetrics: (caller) => caller.admin || isAmong(metrics, caller),
    hasImmutable: (repository) => immutable.some(({ covers }) => covers(repository)),
    immutable: (repository, tag) =>
      immutable.find((one) => one.tag(tag) && one.covers(repository) && !one.except(tag))?.title,
  };
}

/** Whether rights of an account or a credential cover it. */
function held(rights: readonly Right[], repository: string, action: Action): boolean {
  return rights.some((right) => right.actions.includes(action) && globOf(right)(repository));
}

const globs = new WeakMap<Right, (name: string) => boolean>();

/** Compiled once for each right; accounts are read often, and their rights rarely change. */
function globOf(right: Right): (name: string) => boolean {
  const known = globs.get(right);
  if (known !== undefined) return known;
  const matches = compileGlob(right.repositories);
  globs.set(right, matches);
  return matches;
}

/** A token knows no `overwrite` of docker's: its `push` stands for both, and the policy tells them apart. */
function granted(grants: readonly Grant[], repository: string, action: Action): boolean {
  return grants.some(
    ({ type, name, actions }) =>
      type === "repository" &&
      name === repository &&
      (actions.includes(action) ||
        actions.includes("*") ||
        (action === "overwrite" && actions.includes("push"))),
  );
}

function anyGlob(patterns: readonly string[], compile: (glob: string) => (name: string) => boolean) {
  const compiled = patterns.map(compile);
  return (name: string) => compiled.some((matches) => matches(name));
}
