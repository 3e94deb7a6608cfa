import { actions, type Right } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { isPasswordHash } from "#kit/password-hash.ts";
import { isSecretText } from "./secret-text.ts";

/** As in the configuration: fits into a repository name, so that a namespace can belong to an account. */
const nameFormat = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const longestName = 64;
const shortestPassword = 8;
const longestPassword = 1_000;
const longestLabel = 200;
const mostRights = 100;
const globFormat = /^[a-z0-9._/*?-]{1,255}$/;

/** How long robots and personal tokens live when nobody says otherwise. */
export const defaultLifetime = 365 * 86_400_000;

/** A name for a user, robot or group. Throws account-invalid. */
export function checkName(name: string): string {
  if (name.length <= longestName && nameFormat.test(name)) return name;
  throw new AppError(
    "account-invalid",
    `"${name.slice(0, longestName)}" is not a name for an account: write lower-case letters and digits, ` +
      `with . _ or - between them, at most ${longestName}`,
  );
}

/** A password that may be set. Throws account-invalid, never with the password in it. */
export function checkPassword(password: string, name: string): string {
  const fault = faultOf(password, name);
  if (fault === undefined) return password;
  throw new AppError("account-invalid", `the password ${fault}`);
}

function faultOf(password: string, name: string): string | undefined {
  if ([...password].length < shortestPassword) return `has fewer than ${shortestPassword} characters`;
  if (Buffer.byteLength(password) > longestPassword) return `has more than ${longestPassword} bytes`;
  if (password.toLowerCase() === name.toLowerCase()) return "is the name itself";
  // RFC 7617 section 2 has none of these in a password.
  if (/[\u0000-\u001f\u007f]/.test(password)) return "has a control character, which clients can't send";
  // Such a text is always looked up among the secrets, so as a password it would never be right.
  if (isSecretText(password)) return "looks like a token that Berth made";
  if (isPasswordHash(password)) return "is a password hash; give the password itself";
  return undefined;
}

/** Rights of a robot, limits of a token. Throws account-invalid, naming the entry. */
export function checkRights(rights: readonly Right[]): readonly Right[] {
  if (rights.length > mostRights)
    throw new AppError("account-invalid", `there are ${rights.length} rights; ${mostRights} are the most`);
  for (const { repositories, actions: allowed } of rights) {
    if (!globFormat.test(repositories))
      throw new AppError(
        "account-invalid",
        `"${repositories.slice(0, 255)}" is not a pattern of repositories, such as team/app or team/**`,
      );
    const unknown = allowed.find((action) => !actions.includes(action));
    if (unknown !== undefined || allowed.length === 0)
      throw new AppError(
        "account-invalid",
        `${repositories} allows ${unknown === undefined ? "nothing" : `"${unknown}"`}: ` +
          `say which of ${actions.join(", ")}`,
      );
  }
  return rights;
}

/** What a token is for. Throws account-invalid. */
export function checkLabel(label: string): string {
  const text = label.trim();
  // A label is shown on terminals.
  if (text.length > 0 && text.length <= longestLabel && !/[\u0000-\u001f\u007f-\u009f]/.test(text))
    return text;
  throw new AppError(
    "account-invalid",
    `a label has 1 to ${longestLabel} characters: say what the token is for`,
  );
}

/**
 * When something new expires, ms; undefined: never. Throws account-invalid for a time that is past.
 * @param at ms, "never", or undefined for the default.
 */
export function checkExpiry(at: number | "never" | undefined, now: number): number | undefined {
  if (at === "never") return undefined;
  const time = at ?? now + defaultLifetime;
  if (Number.isSafeInteger(time) && time > now) return time;
  throw new AppError("account-invalid", "the expiry is not a time to come");
}
