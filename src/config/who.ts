import { didYouMean } from "./nearest-name.ts";
import { Unreadable, quoted } from "./unreadable.ts";

const kinds = ["user", "robot", "group", "workload"];
const words = ["anonymous", "signed-in"];

/** Name of an account or group: fits into a repository name, so that a namespace can belong to it. */
export const accountName = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;

/** Whom a rule is about: `user:alice`, `group:dev`, `robot:ci`, `workload:github`, `signed-in`, `anonymous`. */
export function parseWho(value: unknown): string {
  if (typeof value === "string") {
    if (words.includes(value)) return value;
    const colon = value.indexOf(":");
    const kind = value.slice(0, Math.max(0, colon));
    // htpasswd files may hold names that accounts can't have.
    if (kinds.includes(kind) && /^[^\s:/]{1,128}$/.test(value.slice(colon + 1))) return value;
    if (colon < 0) {
      const hint = didYouMean(value, words) || `; is it user:${value}, group:${value} or robot:${value}?`;
      throw new Unreadable(`${quoted(value)} says neither user nor group${hint}`);
    }
  }
  throw new Unreadable(
    `${quoted(value)} is nobody; write user:NAME, group:NAME, robot:NAME, workload:NAME, signed-in or anonymous`,
  );
}
