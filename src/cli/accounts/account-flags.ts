import { parseDuration } from "#config/duration.ts";
import { actions, type Action, type Right } from "#core/caller.ts";
import type { Flags, FlagSpec } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";

export const JSON_FLAG = { json: { type: "boolean" } } as const satisfies Record<string, FlagSpec>;
export const EXPIRES_FLAG = { expires: { type: "string" } } as const satisfies Record<string, FlagSpec>;
export const ALLOW_FLAG = { allow: { type: "string", multiple: true } } as const satisfies Record<
  string,
  FlagSpec
>;

/** What --expires says, as the API takes it: a time, "never", or undefined when it isn't given. */
export function expiryOf(flags: Flags, now: number): string | undefined {
  const [text] = flags.get("expires") ?? [];
  if (text === undefined || text === "never") return text;
  try {
    return new Date(now + parseDuration(text)).toISOString();
  } catch {
    throw new UsageError(`--expires ${text} is not a time from now: write 90d, 12h or never`);
  }
}

/** What --allow says: `team/**:pull,push`; undefined when it isn't given. */
export function rightsOf(flags: Flags): Right[] | undefined {
  return flags.get("allow")?.map((text) => {
    const colon = text.lastIndexOf(":");
    const repositories = text.slice(0, Math.max(0, colon));
    const words = text.slice(colon + 1).split(",");
    const unknown = words.find((word) => word !== "*" && !isAction(word));
    if (colon <= 0 || unknown !== undefined)
      throw new UsageError(
        `--allow ${text} is not PATTERN:ACTIONS, such as 'team/**:pull,push'; ` +
          `actions are ${actions.join(", ")}, or * for all`,
      );
    return { repositories, actions: words.includes("*") ? [...actions] : words.filter(isAction) };
  });
}

function isAction(word: string): word is Action {
  return (actions as readonly string[]).includes(word);
}

/** Rights as --allow takes them. */
export function rightsText(rights: readonly Right[]): string {
  return rights
    .map(
      ({ repositories, actions: allowed }) =>
        `${repositories}:${allowed.length === actions.length ? "*" : allowed.join(",")}`,
    )
    .join(" ");
}
