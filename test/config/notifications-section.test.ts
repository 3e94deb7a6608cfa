import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const read = (more: string) => load({ file: `notifications: { ${more} }` });
const faults = (more: string) => faultsOf({ file: `notifications: { ${more} }` }).join("\n");
const hook = (more = "") => `webhooks: [{ name: ci, url: "https://ci.example.org/hook"${more} }]`;
const [hour, day] = [3_600_000, 86_400_000];

test("without the section events stay for a week, and nobody is told", () => {
  assert.deepEqual(load().config.notifications, { keep: 7 * day, webhooks: [] });
});

test("a webhook needs a name and an address, and is told of all but pulls", () => {
  const { keep, webhooks } = read(`keep: 36h, ${hook()}`).config.notifications;
  assert.equal(keep, 36 * hour);
  assert.deepEqual(webhooks, [
    {
      name: "ci",
      url: "https://ci.example.org/hook",
      format: "distribution",
      events: ["push", "mount", "delete", "restore", "fill", "start", "exit"],
      repositories: ["**"],
      secret_file: undefined,
      headers: {},
      timeout: 10_000,
      retry_for: day,
      max_failures: undefined,
      batch: 100,
      ca: undefined,
    },
  ]);
});

test("everything about a webhook can be said; files are made absolute", () => {
  const more =
    ", format: cloudevents, events: pull, repositories: [a/*, b], secret_file: key, headers: { X-Key: k1 }, " +
    "timeout: 2s, retry_for: 1h, max_failures: 7, batch: 10, ca: ca.pem";
  const [webhook] = read(hook(more)).config.notifications.webhooks;
  assert.ok(webhook);
  assert.deepEqual([webhook.events, webhook.repositories], [["pull"], ["a/*", "b"]]);
  assert.deepEqual(webhook.headers, { "X-Key": "k1" });
  assert.match(webhook.secret_file ?? "", /^\/.*\/key$/);
  assert.match(webhook.ca ?? "", /^\/.*\/ca\.pem$/);
  assert.deepEqual(
    [webhook.timeout, webhook.retry_for, webhook.max_failures, webhook.batch],
    [2_000, hour, 7, 10],
  );
});

test("what can't be is a fault that says what can", () => {
  assert.match(faults("keep: 1s"), /^notifications\.keep .*between 1m and 3650d/);
  assert.match(faults("webhooks: [{ name: A, url: 'http://x' }]"), /is not the name of a webhook/);
  assert.match(faults("webhooks: [{ name: a }]"), /url .*is missing/);
  assert.match(faults("webhooks: [{ name: a, url: 'ftp://x/?token=s3cret' }]"), /is not an address/);
  assert.match(faults("webhooks: [{ name: a, url: 'http://u:s3cret@x/' }]"), /user name or password/);
  assert.match(faults(hook(", events: [push, pushed]")), /one of push, mount.*did you mean "push"/);
  assert.match(faults(hook(", repositories: A")), /is not a pattern of repository names/);
  assert.match(faults(hook(", headers: { Content-Type: text/plain }")), /Content-Type is set by Berth/);
  assert.match(faults(hook(", headers: { X-Berth-Event: a }")), /set by Berth/);
  for (const header of ["User-Agent", "Keep-Alive"])
    assert.match(faults(hook(`, headers: { ${header}: a }`)), /set by Berth/);
  assert.match(
    faults(hook(", headers: { X-Key: ключ }")),
    /value of X-Key has characters that can't be sent/,
  );
  assert.match(faults(hook(", headers: { 'a b': c }")), /not the name of a header/);
  assert.match(faults(hook(", headers: token")), /must be a mapping of headers/);
  assert.match(faults(hook(", timeout: 1h")), /between 100ms/);
  assert.match(faults(hook(", secret_fle: x")), /did you mean "secret_file"/);
  const twice = "webhooks: [{ name: a, url: 'http://x' }, { name: a, url: 'http://y' }]";
  assert.match(faults(twice), /webhooks\[1\]\.name.*webhooks\[0\] has the name a already/);
});

test("what is secret is in no message and not in what is shown, which can't be read back with it", () => {
  const texts = [
    faults("webhooks: [{ name: a, url: 'ftp://x/?token=s3cret' }]"),
    faults("webhooks: [{ name: a, url: 'http://u:s3cret@x/' }]"),
    faults(hook(', headers: { Authorization: "s3cret\\n" }')),
  ];
  const { config, origins } = load({
    file: "notifications: { webhooks: [{ name: a, url: 'http://x/h?token=s3cret', headers: { X-Key: s3cret2 } }] }",
  });
  const shown = showConfig(config, origins);
  texts.push(shown);
  for (const text of texts) assert.doesNotMatch(text, /s3cret/);
  assert.match(shown, /http:\/\/x\/h\?\(hidden\)/);
  assert.match(faultsOf({ file: shown }).join("\n"), /\(hidden\)/);
});

test("what is in force reads back as a file where nothing of it is secret", () => {
  const more =
    ", format: cloudevents, events: [pull, push], repositories: [a/*], timeout: 1500ms, max_failures: 3";
  const first = read(`keep: 90m, ${hook(more)}`);
  assert.deepEqual(load({ file: showConfig(first.config, first.origins) }).config, first.config);
});
