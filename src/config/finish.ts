import type { Config, EngineConfig } from "./config.ts";
import type { ReadEngine } from "./engine-schema.ts";
import type { NotificationsConfig } from "./notifications-config.ts";
import type { ReadNotifications } from "./notifications-schema.ts";
import type { ConfigSources } from "./sources.ts";
import type { S3StorageConfig } from "./s3-config.ts";
import type { ReadS3 } from "./s3-schema.ts";
import type { schema } from "./schema.ts";
import { storesOf } from "./stores-rule.ts";
import type { UpstreamConfig } from "./upstreams-config.ts";
import type { ReadUpstream } from "./upstreams-schema.ts";

/** Most serving processes that `workers: auto` starts. */
const MOST_AUTO_WORKERS = 4;

type Read = (typeof schema)["_output"];

/** What depends on the machine or on other keys: absolute files, the number of workers, the token service's name. */
export function finish(read: Read, { defaultData, cores, resolvePath }: ConfigSources): Config {
  const data = resolvePath(read.data ?? defaultData);
  const path = resolvePath(read.storage.disk.path ?? `${data}/storage`);
  const file = (name: string | undefined) => (name === undefined ? undefined : resolvePath(name));
  const { tls, auth, audit } = read;
  const { s3 } = read.storage;
  return {
    ...read,
    data,
    external_url: read.external_url,
    storage: {
      verify_reads: read.storage.verify_reads,
      stores: storesOf(read.storage.stores, s3),
      disk: { ...read.storage.disk, path, x_accel_redirect: read.storage.disk.x_accel_redirect },
      s3: s3 && finishS3(s3, file),
    },
    metadata: { ...read.metadata, url: read.metadata.url, url_file: file(read.metadata.url_file) },
    workers: read.workers === "auto" ? Math.max(1, Math.min(MOST_AUTO_WORKERS, cores)) : read.workers,
    tls: tls && {
      ...tls,
      certificate: resolvePath(tls.certificate),
      key: resolvePath(tls.key),
      client_ca: file(tls.client_ca),
    },
    auth: auth && {
      ...auth,
      service: auth.service ?? (read.external_url === undefined ? "berth" : new URL(read.external_url).host),
      secret_file: file(auth.secret_file),
      token: { ...auth.token, key_files: auth.token.key_files.map(resolvePath) },
      passwords: { ...auth.passwords, htpasswd: file(auth.passwords.htpasswd) },
      admin: { ...auth.admin, password_file: file(auth.admin.password_file) },
      outside: {
        realm: auth.outside.realm,
        issuer: auth.outside.issuer,
        jwks_url: auth.outside.jwks_url,
        jwks_file: file(auth.outside.jwks_file),
        certificates: file(auth.outside.certificates),
      },
      workloads: auth.workloads.map((one) => ({
        ...one,
        jwks_url: one.jwks_url,
        jwks_file: file(one.jwks_file),
      })),
    },
    policy: { ...read.policy, rules: read.policy.rules.map((rule) => ({ ...rule, name: rule.name })) },
    audit: { ...audit, file: audit.file === "off" ? undefined : resolvePath(audit.file) },
    upstreams: read.upstreams.map((upstream) => finishUpstream(upstream, file)),
    cache: { ...read.cache, max_bytes: read.cache.max_bytes },
    notifications: finishNotifications(read.notifications, file),
    engine: finishEngine(read.engine, data, resolvePath),
    user: read.user,
  };
}

type File = (name: string | undefined) => string | undefined;

function finishEngine(engine: ReadEngine, data: string, resolvePath: (path: string) => string): EngineConfig {
  const { tls, init, userns_remap } = engine;
  return {
    ...engine,
    group: engine.group,
    tls: tls && {
      certificate: resolvePath(tls.certificate),
      key: resolvePath(tls.key),
      client_ca: resolvePath(tls.client_ca),
    },
    data: resolvePath(engine.data ?? `${data}-engine`),
    run_folder: resolvePath(engine.run_folder),
    bridge: { subnet: engine.bridge.subnet, ipv6: engine.bridge.ipv6 },
    userns_remap: userns_remap === "off" ? undefined : userns_remap,
    init: init === undefined ? undefined : resolvePath(init),
  };
}

function finishUpstream(upstream: ReadUpstream, file: File): UpstreamConfig {
  return {
    ...upstream,
    username: upstream.username,
    password: upstream.password,
    password_file: file(upstream.password_file),
    token: upstream.token,
    token_file: file(upstream.token_file),
    docker_config: file(upstream.docker_config),
    ca: file(upstream.ca),
    proxy: upstream.proxy,
    rate: { ...upstream.rate, requests: upstream.rate.requests },
    max_bytes: upstream.max_bytes,
  };
}

function finishNotifications({ keep, webhooks }: ReadNotifications, file: File): NotificationsConfig {
  return {
    keep,
    webhooks: webhooks.map((webhook) => ({
      ...webhook,
      secret_file: file(webhook.secret_file),
      max_failures: webhook.max_failures,
      ca: file(webhook.ca),
    })),
  };
}

function finishS3(s3: ReadS3, file: File): S3StorageConfig {
  return {
    ...s3,
    region: s3.region,
    endpoint: s3.endpoint,
    force_path_style: s3.force_path_style === "auto" ? s3.endpoint !== undefined : s3.force_path_style,
    access_key_id_file: file(s3.access_key_id_file),
    secret_access_key_file: file(s3.secret_access_key_file),
    sse_kms_key_id: s3.sse_kms_key_id,
    storage_class: s3.storage_class,
    redirect: { ...s3.redirect, base_url: s3.redirect.base_url },
  };
}
