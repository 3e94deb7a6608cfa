import { createHash } from "node:crypto";
import type { AuthConfig, Config, UpstreamConfig, WebhookConfig } from "#config/config.ts";

/**
 * What servers that share one metadata store should agree on, as a hash for each section: what decides rights
 * and what a request means. No paths of files, addresses or secrets, which may differ from machine to machine.
 */
export function rulesInForce(config: Config): Record<string, string> {
  const { policy, limits, storage } = config;
  const auth = config.auth?.mode === "none" ? undefined : config.auth;
  const s3 = storage.s3;
  const rules: Record<string, unknown> = {
    policy,
    auth: auth && authRules(auth),
    "auth.workloads": (auth?.workloads ?? []).map(({ jwks_file: _, ...rest }) => rest),
    limits: { manifest_size: limits.manifest_size, tags_per_put: limits.tags_per_put },
    storage: {
      stores: storage.stores,
      s3: storage.stores.includes("s3") &&
        s3 && {
          bucket: s3.bucket,
          endpoint: s3.endpoint,
          prefix: s3.prefix,
          // So long what nobody has any more stays for who was sent there; whoever has the turn removes it.
          links: s3.redirect.enabled && s3.redirect.expiry,
        },
    },
    upstreams: config.upstreams.map(upstreamRules),
    cache: config.cache,
    gc: { grace: config.gc.grace, untagged: config.gc.untagged, referrers: config.gc.referrers },
    quotas: config.quotas,
    retention: config.retention,
    "notifications.webhooks": config.notifications.webhooks.map(webhookRules),
  };
  return Object.fromEntries(Object.entries(rules).map(([section, rule]) => [section, hash(rule)]));
}

function authRules({ mode, service, secret_file, token, outside, passwords }: AuthConfig): unknown {
  if (mode === "outside") {
    const { realm, issuer, jwks_url } = outside;
    return { mode, service, realm, issuer, jwks_url };
  }
  const { lifetime, refresh_lifetime, key_rotation } = token;
  const htpasswd = passwords.htpasswd !== undefined;
  const keys = token.key_files.length > 0 ? "given" : secret_file !== undefined ? "sealed" : "own";
  return { mode, service, keys, lifetime, refresh_lifetime, key_rotation, htpasswd };
}

/** What is served and kept of it; each server may have its own way there: account, proxy, addresses, rate. */
function upstreamRules(upstream: UpstreamConfig): unknown {
  const { name, aliases, url, username, password_file, token, token_file, docker_config } = upstream;
  const { ttl, missing_ttl, gone, offline, allow, deny, push, mirror_hosts } = upstream;
  const { platforms, max_blob, max_bytes, pinned } = upstream;
  const credentials = [username, password_file, token, token_file, docker_config];
  const signedIn = credentials.some((one) => one !== undefined);
  const served = { name, aliases, url, signedIn, ttl, missing_ttl, gone, offline, allow, deny, push };
  return { ...served, mirror_hosts, platforms, max_blob, max_bytes, pinned };
}

/** Whoever of them has the turn tells it. */
function webhookRules({
  headers: _,
  secret_file: __,
  ca: ___,
  timeout: ____,
  ...rest
}: WebhookConfig): unknown {
  return rest;
}

function hash(rule: unknown): string {
  return createHash("sha256").update(canonical(rule)).digest("hex");
}

/** JSON with the members of every object in one order; those that are undefined are left out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value as Record<string, unknown>).filter(
    ([, member]) => member !== undefined,
  );
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}
