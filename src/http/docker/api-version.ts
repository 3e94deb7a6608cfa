import { AppError } from "#core/errors.ts";

/** Minor versions of the Docker Engine API 1.x that are spoken. */
export const oldest = 24;
export const newest = 47;

/**
 * Takes `/v1.44` off a path; without it the newest is meant.
 * Throws engine-invalid for a version that isn't spoken, in docker's words.
 */
export function versionOf(path: string): { api: number; rest: string } {
  const match = /^\/v(\d+)\.(\d+)(?=\/|$)/.exec(path);
  if (match === null) return { api: newest, rest: path };
  const [prefix, major, minor] = match;
  const said = `${major}.${minor}`;
  const api = Number(minor);
  if (Number(major) > 1 || (major === "1" && api > newest))
    throw new AppError(
      "engine-invalid",
      `client version ${said} is too new. Maximum supported API version is 1.${newest}`,
    );
  if (major !== "1" || api < oldest)
    throw new AppError(
      "engine-invalid",
      `client version ${said} is too old. Minimum supported API version is 1.${oldest}, ` +
        "please upgrade your client to a newer version",
    );
  return { api, rest: path.slice(prefix.length) };
}
