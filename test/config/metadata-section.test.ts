import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig, shownTree } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const good = "postgres://berth:topsecret@db.example.org:5432/berth?sslmode=verify-full";

test("without the section metadata is in SQLite", () => {
  assert.deepEqual(load().config.metadata, { url: undefined, url_file: undefined, pool: 5 });
});

test("a database is named by its address, or by a file that holds it", () => {
  const file = `metadata: { url: "${good}", pool: 20 }`;
  assert.deepEqual(load({ file }).config.metadata, { url: good, url_file: undefined, pool: 20 });
  const secret = "metadata: { url_file: secrets/db }";
  assert.equal(load({ file: secret }).config.metadata.url_file, "/srv/secrets/db");
  const environment = { BERTH_METADATA_URL: good };
  assert.equal(load({ environment }).config.metadata.url, good);
  for (const url of [
    "postgresql://localhost/berth",
    "postgres://berth@/berth?host=/run/postgresql",
    "postgres:///berth?host=/run/postgresql",
    "postgres://berth:p%40ss%23@[::1]/berth?sslmode=require",
    "postgres://db/berth?sslmode=verify-ca&sslrootcert=/etc/ca.pem",
  ])
    assert.equal(load({ environment: { BERTH_METADATA_URL: url } }).config.metadata.url, url);
});

test("what is in force is shown without the address", () => {
  const { config, origins } = load({ environment: { BERTH_METADATA_URL: good } });
  const shown = showConfig(config, origins) + JSON.stringify(shownTree(config));
  assert.match(shown, /url: \(hidden\) # .*BERTH_METADATA_URL/);
  assert.doesNotMatch(shown, /topsecret|db\.example/);
});

test("an address that can't be used is a fault that shows none of it", () => {
  const cases: [string, RegExp][] = [
    ["mysql://berth:topsecret@db/berth", /not the address of a PostgreSQL database/],
    ["topsecret", /not the address of a PostgreSQL database/],
    ["postgres://berth:top#secret/@db/berth", /%40/],
    ["postgres://berth:topsecret@db:port/berth", /can be read/],
    ["postgres://berth:topsecret@one,two:1:2/berth", /can be read/],
    ["postgres://berth:50%topsecret@db/berth", /password must be URL-encoded: .*%25/],
    ["postgres://berth:12/topsecret@db/berth", /password must be URL-encoded: .*%2F/],
    ["postgres://berth:12?topsecret@db/berth", /password must be URL-encoded: .*%3F/],
    ["postgres://berth:12#topsecret@db/berth", /password must be URL-encoded: .*%23/],
    ["postgres://berth:topsecret@db", /names no database/],
    ["postgres://berth:topsecret@db/berth?sslmode=prefer", /sslmode/],
    ["postgres://berth:topsecret@db/berth?sslmode=verify-ca", /sslrootcert/],
  ];
  for (const [url, words] of cases) {
    const text = faultsOf({ environment: { BERTH_METADATA_URL: url } }).join();
    assert.match(text, words);
    assert.match(text, /^metadata\.url \(.*BERTH_METADATA_URL.*\)/);
    assert.doesNotMatch(text, /topsecret|top#/);
  }
  assert.match(faultsOf({ file: "metadata: { url: [a] }" }).join(), /^metadata\.url .*postgres:\/\//);
  assert.match(faultsOf({ file: "metadata: { pool: 0 }" }).join(), /^metadata\.pool .*from 1 to 200/);
});

test("an address and a file with one are a fault: nobody could say which is meant", () => {
  const given = { file: "metadata: { url_file: /run/db }", environment: { BERTH_METADATA_URL: good } };
  assert.match(
    faultsOf(given).join(),
    /^metadata\.url_file \(berth\.yaml line 1\): .*leave one of the two out/,
  );
});
