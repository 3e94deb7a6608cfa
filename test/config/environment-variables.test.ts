import assert from "node:assert/strict";
import { test } from "node:test";
import { keys } from "#config/keys.ts";
import { faultsOf, load } from "./load.ts";

test("every key has exactly one variable", () => {
  const variables = keys.map(({ variable }) => variable);
  assert.equal(new Set(variables).size, keys.length);
  assert.equal(variables.includes("BERTH_CONFIG"), false);
  for (const name of [
    "BERTH_LISTEN",
    "BERTH_LIMITS_MANIFEST_SIZE",
    "BERTH_STORAGE_DISK_PATH",
    "BERTH_AUTH_MODE",
  ]) {
    assert.ok(variables.includes(name), name);
  }
});

test("every variable sets its key", () => {
  const values: Readonly<Record<string, string>> = {
    BERTH_LISTEN: "localhost:1",
    BERTH_DATA: "/d",
    BERTH_EXTERNAL_URL: "https://registry.example.org/",
    BERTH_TRUSTED_PROXIES: "10.0.0.0/8",
    BERTH_STORAGE_DISK_PATH: "/p",
    BERTH_STORAGE_VERIFY_READS: "true",
    BERTH_STORAGE_STORES: "s3,disk",
    BERTH_STORAGE_DISK_DIRECT_WRITES: "false",
    BERTH_UPLOADS_EXPIRE_AFTER: "2h",
    BERTH_UPLOADS_PURGE_INTERVAL: "2h",
    BERTH_LIMITS_MANIFEST_SIZE: "2MiB",
    BERTH_LIMITS_TAGS_PER_PUT: "2",
    BERTH_LIMITS_PAGE_SIZE: "2",
    BERTH_LIMITS_CONCURRENT_UPLOADS: "2",
    BERTH_LIMITS_HEADER_TIMEOUT: "2s",
    BERTH_LIMITS_BODY_IDLE_TIMEOUT: "2s",
    BERTH_LIMITS_KEEP_ALIVE_TIMEOUT: "2s",
    BERTH_LIMITS_DRAIN_TIMEOUT: "0s",
    BERTH_WORKERS: "auto",
    BERTH_LOG_LEVEL: "debug",
    BERTH_LOG_ACCESS: "false",
    BERTH_TLS_CERTIFICATE: "/c.pem",
    BERTH_TLS_KEY: "/k.pem",
    BERTH_TLS_CLIENT_CA: "/ca.pem",
    BERTH_TLS_CLIENT_CERTIFICATES: "optional",
    BERTH_TLS_MIN_VERSION: "TLSv1.3",
    BERTH_METRICS_LISTEN: "localhost:2",
    BERTH_AUTH_MODE: "token",
    BERTH_AUTH_SERVICE: "example.org",
    BERTH_AUTH_SECRET_FILE: "/run/secrets/signing",
    BERTH_AUTH_TOKEN_LIFETIME: "2m",
    BERTH_AUTH_TOKEN_REFRESH_LIFETIME: "2d",
    BERTH_AUTH_TOKEN_KEY_ROTATION: "2d",
    BERTH_AUTH_TOKEN_KEY_FILES: "[]",
    BERTH_AUTH_PASSWORDS_CONCURRENT_CHECKS: "2",
    BERTH_AUTH_PASSWORDS_HTPASSWD: "/h",
    BERTH_AUTH_ADMIN_NAME: "root",
    BERTH_AUTH_ADMIN_PASSWORD_FILE: "/run/secrets/admin",
    BERTH_AUTH_OUTSIDE_REALM: "https://auth.example.org/token",
    BERTH_AUTH_OUTSIDE_ISSUER: "auth",
    BERTH_AUTH_OUTSIDE_JWKS_URL: "https://auth.example.org/jwks",
    BERTH_AUTH_OUTSIDE_JWKS_FILE: "/j",
    BERTH_AUTH_OUTSIDE_CERTIFICATES: "/c",
    BERTH_AUTH_WORKLOADS: "[]",
    BERTH_POLICY_RULES: "[{repositories: 'a/**', who: anonymous, allow: pull}]",
    BERTH_POLICY_NAMESPACES: "none",
    BERTH_POLICY_IMMUTABLE_TAGS: "[{repositories: '**', tags: 'v*'}]",
    BERTH_POLICY_METRICS: "user:prometheus",
    BERTH_POLICY_MISSING_REFERENCES: "any",
    BERTH_STORAGE_DISK_X_ACCEL_REDIRECT: "/blobs/",
    BERTH_STORAGE_S3_BUCKET: "registry",
    BERTH_STORAGE_S3_REGION: "eu-central-1",
    BERTH_STORAGE_S3_ENDPOINT: "https://s3.example.org",
    BERTH_STORAGE_S3_FORCE_PATH_STYLE: "false",
    BERTH_STORAGE_S3_PREFIX: "berth",
    BERTH_STORAGE_S3_ACCESS_KEY_ID_FILE: "/id",
    BERTH_STORAGE_S3_SECRET_ACCESS_KEY_FILE: "/secret",
    BERTH_STORAGE_S3_SSE: "kms",
    BERTH_STORAGE_S3_SSE_KMS_KEY_ID: "alias/registry",
    BERTH_STORAGE_S3_STORAGE_CLASS: "STANDARD_IA",
    BERTH_STORAGE_S3_CHECKSUMS: "when_required",
    BERTH_STORAGE_S3_PART_SIZE: "fixed 16MiB",
    BERTH_STORAGE_S3_PARTS_IN_FLIGHT: "2",
    BERTH_STORAGE_S3_DIGEST_MARKER: "object",
    BERTH_STORAGE_S3_REDIRECT_ENABLED: "false",
    BERTH_STORAGE_S3_REDIRECT_BASE_URL: "https://cdn.example.org",
    BERTH_STORAGE_S3_REDIRECT_EXPIRY: "2m",
    BERTH_STORAGE_S3_REDIRECT_STREAM_TO: "10.0.0.0/8, fd00::/8",
    BERTH_METADATA_URL: "postgres://berth:p%40ss@db.example.org/berth?sslmode=verify-full",
    BERTH_METADATA_URL_FILE: "/run/secrets/database",
    BERTH_METADATA_POOL: "7",
    BERTH_AUDIT_ENABLED: "true",
    BERTH_AUDIT_READS: "false",
    BERTH_AUDIT_FILE: "/audit.jsonl",
    BERTH_AUDIT_KEEP: "2d",
    BERTH_UPSTREAMS: "docker.io, ghcr.io",
    BERTH_CACHE_MAX_BYTES: "10GiB",
    BERTH_CACHE_HIGH_WATER: "90",
    BERTH_CACHE_LOW_WATER: "80",
    BERTH_ENGINE_ENABLED: "true",
    BERTH_ENGINE_LISTEN: "unix:///e.sock",
    BERTH_ENGINE_GROUP: "998",
    BERTH_ENGINE_TLS_CERTIFICATE: "/c.pem",
    BERTH_ENGINE_TLS_KEY: "/k.pem",
    BERTH_ENGINE_TLS_CLIENT_CA: "/ca.pem",
    BERTH_ENGINE_DATA: "/e",
    BERTH_ENGINE_RUN_FOLDER: "/r",
    BERTH_ENGINE_RUNTIME: "runc",
    BERTH_ENGINE_REGISTRY_NAMES: "registry:5000",
    BERTH_ENGINE_INSECURE_REGISTRIES: "10.0.0.0/8, registry.lan",
    BERTH_ENGINE_BRIDGE_SUBNET: "10.1.0.0/16",
    BERTH_ENGINE_BRIDGE_IPV6: "fd00:1::/64",
    BERTH_ENGINE_LOG_MAX_SIZE: "1MiB",
    BERTH_ENGINE_LOG_MAX_FILES: "3",
    BERTH_ENGINE_USERNS_REMAP: "100000:65536",
    BERTH_ENGINE_INIT: "/i",
    BERTH_ENGINE_DEFAULT_ULIMITS: "nofile=1:2, core=0",
    BERTH_ENGINE_DNS: "1.1.1.1",
    BERTH_GC_ENABLED: "false",
    BERTH_GC_EVERY: "2h",
    BERTH_GC_GRACE: "2h",
    BERTH_GC_UNTAGGED: "[]",
    BERTH_GC_REFERRERS: "keep",
    BERTH_GC_HIGH_WATER: "80",
    BERTH_GC_PACE: "50",
    BERTH_SCRUB_ENABLED: "false",
    BERTH_SCRUB_EVERY: "2d",
    BERTH_SCRUB_BYTES_PER_SECOND: "2MiB",
    BERTH_SNAPSHOTS_EVERY: "2h",
    BERTH_SNAPSHOTS_KEEP: "2",
    BERTH_SNAPSHOTS_BEFORE_UPGRADE: "false",
    BERTH_QUOTAS: "[]",
    BERTH_RETENTION_EVERY: "2h",
    BERTH_RETENTION_UNDO: "2d",
    BERTH_RETENTION_RULES: "[{repositories: 'a/**', keep: {newest: 3}}]",
    BERTH_WEB_ENABLED: "false",
    BERTH_WEB_SESSION: "2h",
    BERTH_NOTIFICATIONS_KEEP: "2d",
    BERTH_NOTIFICATIONS_WEBHOOKS: "[]",
    BERTH_USER: "berth:berth",
  };
  assert.deepEqual(Object.keys(values).sort(), keys.map(({ variable }) => variable).sort());
  // It and the file with it exclude each other.
  const { BERTH_METADATA_URL, ...others } = values;
  const byUrl = load({ environment: { BERTH_METADATA_URL, BERTH_AUTH_MODE: "none" } });
  assert.equal(byUrl.config.metadata.url, BERTH_METADATA_URL);
  const { config, origins: theirs } = load({ environment: others });
  const origins = new Map(theirs).set("metadata.url", byUrl.origins.get("metadata.url")!);
  for (const { name, variable } of keys) assert.deepEqual(origins.get(name), { from: "env", variable });
  assert.equal(config.external_url, "https://registry.example.org");
  assert.equal(config.log.access, false);
  assert.equal(config.limits.drain_timeout, 0);
  assert.equal(config.storage.disk.direct_writes, false);
  assert.equal(config.storage.s3?.prefix, "berth/");
});

test("a list is YAML in brackets or words between commas", () => {
  const listen = (text: string) =>
    load({ environment: { BERTH_LISTEN: text } }).config.listen.map(({ host }) => host);
  assert.deepEqual(listen("[localhost:1, 127.0.0.1:2]"), ["localhost", "127.0.0.1"]);
  assert.deepEqual(listen('["[::1]:1"]'), ["::1"]);
  assert.deepEqual(listen("[::1]:1, 127.0.0.1:2"), ["::1", "127.0.0.1"]);
  assert.deepEqual(listen("[::1]:1"), ["::1"]);
  const rules = { BERTH_POLICY_MISSING_REFERENCES: "[{repositories: 'a/**', allow: any}]" };
  assert.equal(load({ environment: rules }).config.policy.missing_references[0]?.repositories, "a/**");
});

test("a folder with a comma or brackets in its name stays one text", () => {
  assert.equal(load({ environment: { BERTH_DATA: "/a,b" } }).config.data, "/a,b");
});

test("a variable that no key has is a fault", () => {
  assert.match(faultsOf({ environment: { BERTH_LISTN: "x" } }).join(), /did you mean "BERTH_LISTEN"/);
  assert.match(
    faultsOf({ environment: { BERTH_LOG: "x" } }).join(),
    /is a section; set its keys: BERTH_LOG_LEVEL,/,
  );
});

test("other people's, empty and Kubernetes' own variables are left alone", () => {
  const environment = {
    PATH: "/bin",
    BERTHA: "x",
    BERTH_CONFIG: "/etc/berth.yaml",
    BERTH_DATA: "",
    // A pod beside a service called berth gets these.
    BERTH_SERVICE_HOST: "10.0.0.1",
    BERTH_SERVICE_PORT: "5000",
    BERTH_SERVICE_PORT_HTTP: "5000",
    BERTH_PORT: "tcp://10.0.0.1:5000",
    BERTH_PORT_5000_TCP: "tcp://10.0.0.1:5000",
    BERTH_PORT_5000_TCP_ADDR: "10.0.0.1",
  };
  assert.equal(load({ environment }).config.data, "/srv/data");
});
