import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { loadConfig } from "#config/load-config.ts";

const folder = new URL("../../docker/", import.meta.url);
const text = readFileSync(new URL("compose.ha.yaml", folder), "utf8");
const site = readFileSync(new URL("nginx/berth-ha.conf", folder), "utf8");

interface Service {
  environment?: Record<string, string>;
  secrets?: string[];
  healthcheck?: { test: string[] };
  networks?: Record<string, { ipv4_address?: string } | null>;
  depends_on?: Record<string, unknown>;
}

const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  configs: { berth: { file: string } };
};
const servers = Object.entries(compose.services).filter(([name]) => name.startsWith("berth-"));

test("nginx knows each server of compose.ha.yaml, and waits until it is ready", () => {
  assert.equal(servers.length, 3);
  for (const [name, { healthcheck }] of servers) {
    assert.ok(site.includes(`server ${name}:5000 `), name);
    assert.ok(name in (compose.services.nginx?.depends_on ?? {}), name);
    assert.match(healthcheck?.test.join() ?? "", /\/readyz/);
  }
});

test("there is no password in it, and what must be said has no default", () => {
  for (const [, name = "", rest = ""] of text.matchAll(/\$\{(\w+)(.*?)\}/g))
    if (/PASSWORD|SECRET|KEY|URL|BUCKET|REGION/.test(name)) assert.match(rest, /^:\?/, name);
  for (const [name, { environment = {} }] of Object.entries(compose.services))
    for (const key of Object.keys(environment))
      assert.ok(!/PASSWORD|SECRET|TOKEN/.test(key) || key.endsWith("_FILE"), `${name}: ${key}`);
  assert.doesNotMatch(text, /postgres:\/\/\w+:[^%]/);
});

test("the example with the variables of compose.ha.yaml is a good configuration, and its secrets are there", () => {
  const file = new URL(compose.configs.berth.file, folder);
  assert.ok(existsSync(file));
  const given: Record<string, string> = {
    EXTERNAL_URL: "https://registry.example.org",
    S3_BUCKET: "registry",
    S3_REGION: "eu-central-1",
  };
  for (const [name, { environment = {}, secrets = [], networks = {} }] of servers) {
    const filled = Object.entries(environment).map(([key, value]) => {
      const [, variable = "", fallback = ""] = /^\$\{(\w+)(?::-(.*)|:\?.*)\}$/.exec(value) ?? [];
      return [key, variable === "" ? value : (given[variable] ?? fallback)] as const;
    });
    const { config, faults } = loadConfig({
      file: { text: readFileSync(file, "utf8"), name: "ha.yaml" },
      environment: Object.fromEntries(filled),
      flags: [],
      defaultData: "/var/lib/berth",
      cores: 4,
      resolvePath: (path) => path,
    });
    assert.deepEqual(faults, undefined, name);
    const used = [
      config?.storage.s3?.access_key_id_file,
      config?.storage.s3?.secret_access_key_file,
      config?.metadata.url_file,
      config?.auth?.secret_file,
      config?.auth?.admin.password_file,
    ];
    assert.deepEqual(used.map((path) => path?.replace("/run/secrets/", "")).sort(), [...secrets].sort());
    for (const secret of secrets) assert.ok(secret in compose.secrets, secret);
    assert.deepEqual(config?.trusted_proxies, [compose.services.nginx?.networks?.inside?.ipv4_address]);
    assert.ok(networks !== null && "database" in networks);
  }
});
