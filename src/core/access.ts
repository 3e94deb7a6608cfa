import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Action, Caller } from "./caller.ts";

/** Yes or no, and because of what: for the audit log, `berth policy test` and people who wonder. */
export interface Decision {
  readonly allowed: boolean;
  /** The rule that allowed it (`policy.rules[2]`, `admin`, `namespace of alice`), or why none did. */
  readonly rule: string;
}

/**
 * What the doors and services ask before they do something. Pure and quick: reads memory only.
 * Implemented by auth/; open everywhere when auth is switched off.
 */
export interface Access {
  /** May the caller do this to the repository: the policy's rules, within what the credential allows. */
  decide(caller: Caller, repository: RepositoryName, action: Action): Decision;
  /**
   * The pattern that makes a tag immutable (`releases/**` `v*`), or undefined. An immutable tag can be
   * created, but nobody moves or removes it, admins included.
   */
  immutable(repository: RepositoryName, tag: Tag): string | undefined;
  /** May the caller read the metrics where everybody can reach them. */
  readsMetrics(caller: Caller): boolean;
  /** Whether any tag of the repository may be immutable; false spares looking at its tags. */
  hasImmutable(repository: RepositoryName): boolean;
}
