import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { berth } from "./captured.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-check-config-"));
after(() => rmSync(cwd, { recursive: true }));
const file = (name: string, text: string | Uint8Array) => writeFileSync(join(cwd, name), text);

test("prints what is in force, and at each line's end where it comes from", async () => {
  file("berth.yaml", "\nworkers: 3\n");
  const env = { BERTH_CONFIG: "berth.yaml", BERTH_LOG_LEVEL: "debug" };
  const { code, stdout, stderr } = await berth(["check-config", "--listen", "localhost:5001"], { cwd, env });
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.match(stdout, /^listen: \[ localhost:5001 \] # --listen$/m);
  assert.match(stdout, /^workers: 3 # berth\.yaml line 2$/m);
  assert.match(stdout, /^ {2}level: debug # BERTH_LOG_LEVEL$/m);
  assert.match(stdout, /^ {2}manifest_size: 4MiB # default$/m);
  assert.match(stdout, /^# auth\.mode is not set$/m);
  assert.ok(stdout.includes(`data: ${cwd}/data # default`));
});

test("what it prints is itself a configuration that means the same, as YAML and as JSON", async () => {
  file(
    "full.yaml",
    [
      'listen: [":5000", "[::1]:5001"]',
      "auth: { mode: none }",
      'data: "/srv/a # b: c"',
      "external_url: https://registry.example.org",
      'trusted_proxies: [10.0.0.0/8, "::1"]',
      "limits: { header_timeout: 1234ms, manifest_size: 5000001, drain_timeout: 0s }",
      'policy: { missing_references: [{ repositories: "a/**", allow: any }] }',
    ].join("\n"),
  );
  const config = async (name: string) => {
    const { stdout } = await berth(["check-config", "--json", "--config", name], { cwd });
    return (JSON.parse(stdout) as { config: Record<string, unknown> }).config;
  };
  const expected = await config("full.yaml");
  file("json.yaml", JSON.stringify(expected));
  file("printed.yaml", (await berth(["check-config", "--config", "full.yaml"], { cwd })).stdout);
  assert.deepEqual(await config("json.yaml"), expected);
  assert.deepEqual(await config("printed.yaml"), expected);
  assert.equal(expected["data"], "/srv/a # b: c");
});

test("--json says for every key where it comes from", async () => {
  const { stdout } = await berth(["check-config", "--json", "--workers", "2"], { cwd });
  const { origins } = JSON.parse(stdout) as { origins: Record<string, string> };
  assert.equal(origins["workers"], "--workers");
  assert.equal(origins["limits.page_size"], "default");
});

test("all faults go to stderr, the lines to add fit to be pasted, and the exit code is 1", async () => {
  file("faulty.yaml", "listen: :5000\nworkers: none\n");
  for (const verb of ["check-config", "serve"]) {
    const { code, stdout, stderr } = await berth([verb, "--config", "faulty.yaml"], { cwd });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^berth: 2 faults in the configuration\n/);
    assert.match(stderr, /^ {2}workers \(faulty\.yaml line 2\): /m);
    assert.match(stderr, /^auth:\n {2}mode: token$/m);
  }
});

test("a file that can't be read is a fault that names it", async () => {
  file("latin1.yaml", Uint8Array.of(0x23, 0xe9));
  const reasons: [string, RegExp][] = [
    ["missing.yaml", /missing\.yaml: can't read the configuration file: there is no such file/],
    [".", /: can't read the configuration file: it is a folder/],
    ["latin1.yaml", /it is not UTF-8 text/],
  ];
  for (const [name, reason] of reasons) {
    const { code, stderr } = await berth(["check-config", "--config", name], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, reason);
  }
});

test("--config wins over BERTH_CONFIG; an empty BERTH_CONFIG names no file", async () => {
  file("a.yaml", "workers: 1\n");
  const env = { BERTH_CONFIG: "missing.yaml" };
  assert.equal((await berth(["check-config", "--config", "a.yaml"], { cwd, env })).code, 0);
  assert.equal((await berth(["check-config"], { cwd, env: { BERTH_CONFIG: "" } })).code, 0);
});
