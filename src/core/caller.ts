/** How sure auth is of somebody, and by which way. */
export type CallerKind =
  /** Auth is switched off (no section, or `mode: none`): everybody may do everything. */
  | "open"
  /** Auth is on, and the request brought no credentials (or an anonymous token). */
  | "anonymous"
  | "user"
  | "robot"
  /** A CI job that proved itself with a token of its own provider (OIDC). */
  | "workload"
  /** Somebody whom an outside token server vouches for. */
  | "outside"
  /** Whoever may use the control socket of the data folder. */
  | "operator";

/** Who somebody is, as far as auth made sure. */
export interface Identity {
  readonly kind: CallerKind;
  /**
   * Stable for ever and never given to another: `user:17`, `robot:3`, `workload:github:repo:acme/app`,
   * `outside:alice`. Undefined for open and anonymous. An upload belongs to the id that began it.
   */
  readonly id: string | undefined;
  /** What people call it; `anonymous` and the like for those without a name. For logs and rules. */
  readonly name: string;
  /** May do everything, and manage accounts. */
  readonly admin: boolean;
  readonly groups: readonly string[];
  /** Rights that the account itself holds beside the rules (robots). */
  readonly rights: readonly Right[];
}

/** Who asks, with what, from where. Every service call that can be refused carries one. */
export interface Caller extends Identity {
  /** What its access token is good for; undefined: whatever the policy allows. */
  readonly grants: readonly Grant[] | undefined;
  /** Narrower rights that its credential was made with (a personal token); undefined: no narrowing. */
  readonly limits: readonly Right[] | undefined;
  /** The client's IP address, empty where there is none. */
  readonly address: string;
  /** Id of the request, as the log has it. */
  readonly request: string;
}

/** What one scope of an access token allows. Actions are `pull`, `push`, `delete`, `overwrite`, `*`. */
export interface Grant {
  readonly type: "repository" | "registry";
  /** A repository's name, or `catalog`. */
  readonly name: string;
  readonly actions: readonly string[];
}

/** Rights on repositories that an account or a credential holds itself. */
export interface Right {
  /** Glob over repository names. */
  readonly repositories: string;
  readonly actions: readonly Action[];
}

/** What can be done to a repository: `push` makes new tags, only `overwrite` moves one that is there. */
export type Action = "pull" | "push" | "overwrite" | "delete";

export const actions: readonly Action[] = ["pull", "push", "overwrite", "delete"];

const nobody = { id: undefined, admin: false, groups: [], rights: [], grants: undefined, limits: undefined };

/** Everybody, where auth is switched off. */
export const open: Caller = Object.freeze({
  ...nobody,
  kind: "open",
  name: "anyone",
  address: "",
  request: "",
});

/** Somebody without credentials, where auth is on. */
export const anonymous: Caller = Object.freeze({
  ...nobody,
  kind: "anonymous",
  name: "anonymous",
  address: "",
  request: "",
});

/**
 * Whether it sees and does what is the admins' alone: with a credential that isn't narrower than the admin is. Where
 * auth is off, everybody.
 */
export function isAdmin({ kind, admin, grants, limits }: Caller): boolean {
  if (kind === "open" || kind === "operator") return true;
  return admin && grants === undefined && limits === undefined;
}
