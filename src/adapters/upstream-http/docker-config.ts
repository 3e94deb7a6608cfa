import { AppError } from "#core/errors.ts";
import type { UpstreamCredentials } from "./upstream-parts.ts";

/** Docker Hub's hosts, and the key that `docker login` uses for it. */
const hub = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);
const hubKey = "index.docker.io";

/**
 * What a docker `config.json` says for an upstream; undefined: nothing.
 * Throws upstream-refused with what to do: the file is none, or a program (credHelpers, credsStore) holds the credentials.
 * @param text of the file
 * @param url the upstream's
 */
export function dockerCredentials(text: string, url: string): UpstreamCredentials | undefined {
  const host = new URL(url).host;
  const fault = (words: string) =>
    new AppError("upstream-refused", `docker_config: ${words}`, { subject: host });
  let config: Record<string, unknown>;
  try {
    config = objectOf(JSON.parse(text));
  } catch {
    throw fault("the file is not JSON. Name the config.json that docker login wrote.");
  }
  const isMeant = (key: string) => hostOf(key) === (hub.has(host) ? hubKey : host);
  const named = (section: unknown) => Object.entries(objectOf(section)).find(([key]) => isMeant(key))?.[1];

  const byProgram = named(config.credHelpers);
  const auths = named(config.auths);
  const found = auths === undefined ? undefined : readEntry(objectOf(auths));
  if (found === "unreadable")
    throw fault(`the auth of ${host} is not base64 of name:password. Run docker login ${host} again.`);
  if (found !== undefined) return found;
  const program = byProgram ?? (auths === undefined ? undefined : config.credsStore);
  if (typeof program === "string" && program !== "")
    throw fault(
      `the credentials of ${host} are kept by the program docker-credential-${program}, which is not run here. ` +
        `Set username and password_file of the upstream instead.`,
    );
  return undefined;
}

function readEntry(entry: Record<string, unknown>): UpstreamCredentials | "unreadable" | undefined {
  const text = (key: string) =>
    typeof entry[key] === "string" && entry[key] !== "" ? entry[key] : undefined;
  const [identityToken, token, auth] = [text("identitytoken"), text("registrytoken"), text("auth")];
  if (identityToken !== undefined) return { identityToken };
  if (token !== undefined) return { token };
  if (auth !== undefined) {
    const decoded = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
    const colon = decoded.indexOf(":");
    if (colon <= 0) return "unreadable";
    return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const [username, password] = [text("username"), text("password")];
  return username === undefined || password === undefined ? undefined : { username, password };
}

/** Keys are `host`, `host:port` or old URLs such as `https://index.docker.io/v1/`; others mean a part of a host. */
function hostOf(key: string): string | undefined {
  const host = /^(?:https?:\/\/)?([^/]+)\/?(?:v[12]\/?)?$/i.exec(key)?.[1]?.toLowerCase();
  return host !== undefined && hub.has(host) ? hubKey : host;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
