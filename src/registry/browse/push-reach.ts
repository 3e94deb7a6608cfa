import type { Access } from "#core/access.ts";
import type { Caller } from "#core/caller.ts";
import { compileGlob } from "#kit/glob.ts";
import { parseRepositoryName } from "#oci/reference.ts";

/**
 * Whether the caller may push into a repository that one of a quota's globs covers. A yes is certain. Names are made from
 * the globs of both sides, and the policy is asked about those; where none of them is the caller's, repositories that
 * are there decide, because rules of the policy may cover other names.
 */
export function createPushReach(
  access: Pick<Access, "decide">,
  caller: Caller,
  existing: readonly string[],
): (globs: readonly string[]) => boolean {
  const mayPush = (text: string) => {
    const name = parseRepositoryName(text);
    return name !== undefined && access.decide(caller, name, "push").allowed;
  };
  const rights = [...caller.rights, ...(caller.limits ?? [])].filter(({ actions }) =>
    actions.includes("push"),
  );
  const own = [`${caller.name}/**`, ...rights.map(({ repositories }) => repositories)].flatMap(namesOf);
  return (globs) => {
    const matchers = globs.map(compileGlob);
    const isPushed = (name: string) => matchers.some((matches) => matches(name)) && mayPush(name);
    return globs.flatMap(namesOf).some(isPushed) || own.some(isPushed) || existing.some(isPushed);
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
