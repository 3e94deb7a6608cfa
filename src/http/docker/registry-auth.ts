import type { RegistryCredentials } from "#core/engine/registries.ts";
import type { Context } from "#http/edge/context.ts";

/**
 * `X-Registry-Auth`: base64 of JSON. Nothing, `{}` and what can't be read mean nobody, as with dockerd: a public image
 * needs none, and a private one then says so itself.
 */
export function registryAuth(ctx: Context): RegistryCredentials | undefined {
  const header = ctx.get("X-Registry-Auth");
  if (header === "") return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(header, "base64url").toString());
  } catch {
    return undefined;
  }
  const credentials = credentialsIn(parsed);
  return credentials.username === "" && credentials.identityToken === "" ? undefined : credentials;
}

/** What `docker login` sends, and what the header holds. */
export function credentialsIn(body: unknown): RegistryCredentials {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  // Older clients send both in one.
  const [username = "", ...rest] = Buffer.from(text("auth"), "base64").toString().split(":");
  return {
    username: text("username") || username,
    password: text("password") || rest.join(":"),
    identityToken: text("identitytoken"),
    serverAddress: text("serveraddress"),
  };
}
