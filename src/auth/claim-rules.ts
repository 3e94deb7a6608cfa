import type { Claims } from "#kit/jwt.ts";

/** Which tokens of a workload's provider mean which groups. */
export interface ClaimRule {
  /** Claim → pattern (`*` stands for any text); all must match. */
  readonly claims: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
}

/** The first rule that all of its claims match. */
export function matchRule<R extends ClaimRule>(rules: readonly R[], claims: Claims): R | undefined {
  return rules.find((rule) =>
    Object.entries(rule.claims).every(
      ([name, pattern]) => Object.hasOwn(claims, name) && claimMatches(claims[name], pattern),
    ),
  );
}

/** Of a list, one matching entry is enough. */
function claimMatches(value: unknown, pattern: string): boolean {
  if (Array.isArray(value)) return value.some((one) => typeof one === "string" && textMatches(one, pattern));
  if (typeof value === "string") return textMatches(value, pattern);
  return (typeof value === "boolean" || typeof value === "number") && textMatches(String(value), pattern);
}

/** By hand, so that no pattern and no claim makes it slow. */
function textMatches(text: string, pattern: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  const end = text.length - tail.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
