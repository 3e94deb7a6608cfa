import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

test("external_url is an http or https origin", () => {
  const origin = (url: string) => load({ file: `external_url: ${url}` }).config.external_url;
  assert.equal(origin("https://registry.example.org"), "https://registry.example.org");
  assert.equal(origin("http://registry.lan:5000/"), "http://registry.lan:5000");
  const wrong = [
    "registry.example.org",
    "ftp://a.org",
    "https://a.org/v2",
    "https://a.org/?x",
    "https://a.org/#",
    "https://u:p@a.org",
    "5",
  ];
  for (const url of wrong)
    assert.match(faultsOf({ file: `external_url: ${url}` }).join(), /^external_url \(/, url);
});

test("a password in external_url is not repeated in the fault", () => {
  assert.doesNotMatch(faultsOf({ file: "external_url: https://u:secret@a.org" }).join(), /secret/);
});

test("trusted_proxies are IP addresses and networks", () => {
  const { config } = load({ file: 'trusted_proxies: [10.0.0.0/8, "fd00::/8", 127.0.0.1, "::1"]' });
  assert.equal(config.trusted_proxies.length, 4);
  for (const peer of ["proxy.lan", "10.0.0.0/33", "10.0.0", "5"]) {
    assert.match(faultsOf({ file: `trusted_proxies: [${peer}]` }).join(), /^trusted_proxies\[0\] \(/, peer);
  }
});
