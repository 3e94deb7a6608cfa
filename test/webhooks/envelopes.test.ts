import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { messageOf } from "#notify/webhooks/message.ts";
import type { WebhookEvent } from "#notify/webhooks/webhook-event.ts";
import { digest } from "../contract/metadata/content.ts";

const source = { externalUrl: "https://registry.example.org", address: "berth-1:5000", instance: "i-1" };
const mediaType = "application/vnd.oci.image.manifest.v1+json";
const push: WebhookEvent = {
  id: 7,
  at: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  action: "push",
  repository: "team/app" as RepositoryName,
  tag: "v1" as Tag,
  digest: digest("m"),
  mediaType,
  size: 123,
  actor: { actor: "alice", kind: "user", address: "192.0.2.7", request: "r-1" },
  count: 1,
};
const blob: WebhookEvent = { ...push, tag: undefined, mediaType: undefined, size: 5 };

function distribution(...events: WebhookEvent[]): Record<string, unknown>[] {
  const { body } = messageOf("distribution", events, source);
  return (JSON.parse(body) as { events: Record<string, unknown>[] }).events;
}
function cloud(...events: WebhookEvent[]): Record<string, unknown>[] {
  return JSON.parse(messageOf("cloudevents", events, source).body) as Record<string, unknown>[];
}

test("a push in Distribution's envelope, field by field", () => {
  const { contentType } = messageOf("distribution", [push], source);
  assert.equal(contentType, "application/vnd.docker.distribution.events.v2+json");
  assert.deepEqual(distribution(push), [
    {
      id: `7.${push.at}`,
      timestamp: "2026-02-03T04:05:06.789Z",
      action: "push",
      target: {
        mediaType,
        size: 123,
        digest: digest("m"),
        length: 123,
        repository: "team/app",
        url: `https://registry.example.org/v2/team/app/manifests/${digest("m")}`,
        tag: "v1",
      },
      request: { id: "r-1", addr: "192.0.2.7", host: "registry.example.org", method: "PUT", useragent: "" },
      actor: { name: "alice" },
      source: { addr: "berth-1:5000", instanceID: "i-1" },
    },
  ]);
});

test("blobs, mounts and deletes as Distribution tells them", () => {
  const targets = distribution(
    blob,
    { ...blob, action: "mount", subject: "team/base" },
    { ...blob, action: "delete" },
    { ...push, action: "delete" },
    { ...push, action: "delete", mediaType: undefined, subject: "retention rule old" },
  ).map(({ target }) => target);
  const octets = {
    mediaType: "application/octet-stream",
    size: 5,
    digest: digest("m"),
    length: 5,
    repository: "team/app",
  };
  const url = `https://registry.example.org/v2/team/app/blobs/${digest("m")}`;
  assert.deepEqual(targets, [
    { ...octets, url },
    { ...octets, fromRepository: "team/base", url },
    { digest: digest("m"), repository: "team/app" },
    { mediaType, digest: digest("m"), repository: "team/app", tag: "v1" },
    { digest: digest("m"), repository: "team/app", tag: "v1" },
  ]);
});

test("what Distribution has no word for: a restored tag is a push, the others keep their own", () => {
  const nobody = { ...push, actor: undefined };
  const events = distribution(
    { ...nobody, action: "restore" },
    { ...nobody, action: "fill" },
    { id: 1, at: 5, action: "start", subject: "box", count: 1 },
    { id: 2, at: 6, action: "exit", subject: "box 137", count: 1 },
    { id: 3, at: 7, action: "ping", count: 1 },
  );
  assert.deepEqual(
    events.map(({ action }) => action),
    ["push", "fill", "start", "exit", "ping"],
  );
  assert.deepEqual(
    events.slice(2).map(({ target }) => target),
    [{ container: "box" }, { container: "box", exitCode: 137 }, {}],
  );
  const host = "registry.example.org";
  assert.deepEqual(events[0]?.["request"], { id: "", host, method: "", useragent: "" });
  assert.deepEqual(events[0]?.["actor"], {});
});

test("CloudEvents 1.0 in a batch", () => {
  const { contentType } = messageOf("cloudevents", [push], source);
  assert.equal(contentType, "application/cloudevents-batch+json; charset=utf-8");
  const actor = { name: "alice", kind: "user", address: "192.0.2.7", request: "r-1" };
  const common = {
    specversion: "1.0",
    source: "https://registry.example.org",
    datacontenttype: "application/json",
  };
  assert.deepEqual(
    cloud(
      push,
      { ...blob, id: 8, action: "mount", subject: "team/base" },
      { ...push, id: 9, action: "pull", count: 30 },
      { id: 10, at: 0, action: "exit", subject: "box 0", count: 1 },
    ),
    [
      {
        ...common,
        id: `7.${push.at}`,
        type: "io.berth.push",
        subject: "team/app:v1",
        time: "2026-02-03T04:05:06.789Z",
        data: { repository: "team/app", tag: "v1", digest: digest("m"), mediaType, size: 123, actor },
      },
      {
        ...common,
        id: `8.${push.at}`,
        type: "io.berth.mount",
        subject: `team/app@${digest("m")}`,
        time: "2026-02-03T04:05:06.789Z",
        data: { repository: "team/app", digest: digest("m"), size: 5, from: "team/base", actor },
      },
      {
        ...common,
        id: `9.${push.at}`,
        type: "io.berth.pull",
        subject: "team/app:v1",
        time: "2026-02-03T04:05:06.789Z",
        data: {
          repository: "team/app",
          tag: "v1",
          digest: digest("m"),
          mediaType,
          size: 123,
          count: 30,
          actor,
        },
      },
      {
        ...common,
        id: "10.0",
        type: "io.berth.exit",
        subject: "box",
        time: "1970-01-01T00:00:00.000Z",
        data: { container: "box", exitCode: 0 },
      },
    ],
  );
  const nowhere = messageOf("cloudevents", [push], { ...source, externalUrl: undefined });
  assert.match(nowhere.body, /"source":"urn:berth:berth-1:5000"/);
});

test("a message's id is that of its events", () => {
  const id = (...events: WebhookEvent[]) => messageOf("cloudevents", events, source).id;
  assert.equal(id(push), `7.${push.at}`);
  assert.equal(id(push, blob, { ...blob, id: 9, at: 5 }), `7.${push.at}-9.5`);
});
