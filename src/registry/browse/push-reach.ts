import type { Access } from "#core/access.ts";
import type { Caller } from "#core/caller.ts";
import { compileGlob } from "#kit/glob.ts";
import { parseRepositoryName } from "#oci/reference.ts";

/** Whether a caller may push into some repository that one of these globs covers. */
export interface PushReach {
  /** By rights alone. A yes is certain; a no isn't: rules of the policy may cover other names. */
  reaches(globs: readonly string[]): boolean;
  /** By a repository that is there. */
  reachesBy(globs: readonly string[], existing: string): boolean;
}

/** Names are made from the globs of both sides, and the policy is asked about those: a made one is as good as any. */
export function createPushReach(access: Pick<Access, "decide">, caller: Caller): PushReach {
  const mayPush = (text: string) => {
    const name = parseRepositoryName(text);
    return name !== undefined && access.decide(caller, name, "push").allowed;
  };
  const rights = [...caller.rights, ...(caller.limits ?? [])].filter(({ actions }) =>
    actions.includes("push"),
  );
  const own = [`${caller.name}/**`, ...rights.map(({ repositories }) => repositories)];
  const covers = (globs: readonly string[], name: string) => globs.some((glob) => compileGlob(glob)(name));
  return {
    reaches: (globs) =>
      [...globs, ...own].flatMap(namesOf).some((name) => covers(globs, name) && mayPush(name)),
    reachesBy: (globs, existing) => covers(globs, existing) && mayPush(existing),
  };
}

/** Names that the glob matches: with as few components as it may have, and with one more. */
function namesOf(glob: string): string[] {
  if (glob === "**") return ["any", "any/any"];
  const made = (after: string, before: string) =>
    glob
      .replace(/\/\*\*(?=\/|$)/g, after)
      .replace(/^\*\*\//, before)
      .replace(/\*+/g, "any")
      .replaceAll("?", "a");
  return [made("", ""), made("/any", "any/")];
}
