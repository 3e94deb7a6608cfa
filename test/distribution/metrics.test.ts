import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  type RegistryClient,
} from "../harness/registry-client.ts";

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Prometheus' text format 0.0.4, as far as it is used here. */
async function scrape(client: RegistryClient): Promise<Sample[]> {
  const response = await client.get("/metrics");
  expectStatus(response, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; ?version=/);
  return response.body
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
      assert.ok(match, line);
      const labels = [...(match[2] ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
      return {
        name: match[1] ?? "",
        labels: Object.fromEntries(labels) as Record<string, string>,
        value: Number(match[3]),
      };
    });
}

function one(samples: Sample[], name: string): number {
  const found = samples.filter((sample) => sample.name === name);
  assert.equal(found.length, 1, `${found.length} samples of ${name}`);
  return found[0]?.value ?? NaN;
}

function requests(samples: Sample[], method: string, status: string): number {
  return samples
    .filter(
      ({ name, labels }) =>
        name === "berth_http_requests_total" && labels.method === method && labels.status === status,
    )
    .reduce((sum, { value }) => sum + value, 0);
}

test("/metrics counts requests by route, method and status", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app/web", image, "latest");
  for (let i = 0; i < 3; i++) await client.get("/v2/app/web/manifests/latest");
  await client.get("/v2/app/web/manifests/none");
  const samples = await scrape(client);
  const counted = samples.filter(({ name }) => name === "berth_http_requests_total");
  for (const { labels } of counted)
    assert.deepEqual(Object.keys(labels).sort(), ["method", "route", "status"]);
  assert.equal(requests(samples, "GET", "200"), 3);
  assert.equal(requests(samples, "GET", "404"), 1);
  assert.equal(requests(samples, "PUT", "201"), 3);
  assert.equal(requests(samples, "POST", "202"), 2);
  const durations = samples.filter(({ name }) => name === "berth_http_request_seconds_count");
  assert.ok(durations.reduce((sum, { value }) => sum + value, 0) >= 9);
});

test("/metrics knows bytes in and out, open uploads, blobs and repositories", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const size = 300_000;
  const image = oci.image({ layers: [freshBytes(size)] });
  await client.push("one", image, "latest");
  await client.push("two", image, "latest");
  await client.get(`/v2/one/blobs/${image.blobs[1]?.digest ?? ""}`);
  const session = await client.startUpload("one");
  let samples = await scrape(client);
  assert.equal(one(samples, "berth_blobs"), 2);
  assert.equal(one(samples, "berth_repositories"), 2);
  assert.equal(one(samples, "berth_uploads_open"), 1);
  const received = one(samples, "berth_http_received_bytes_total");
  assert.ok(received >= 2 * size && received < 4 * size, `${received}`);
  const sent = one(samples, "berth_http_sent_bytes_total");
  assert.ok(sent >= size && sent < 2 * size, `${sent}`);
  expectStatus(await client.remove(session), 204);
  samples = await scrape(client);
  assert.equal(one(samples, "berth_uploads_open"), 0);
});

test("/metrics shows event-loop lag", async () => {
  await using berth = await startBerth();
  const samples = await scrape(registryClient(berth.url));
  const lag = samples.filter(({ name }) => name.startsWith("berth_event_loop_lag_seconds"));
  assert.ok(lag.length > 0);
  for (const { value } of lag) assert.ok(value >= 0);
});

test("names that clients choose never become labels", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  await client.push("secret-project/web", oci.image(), "secret-tag");
  await client.get("/v2/secret-project/web/manifests/secret-tag");
  await client.get("/secret-path");
  await client.get("/v2/secret-other/nothing/here");
  await client.raw("SECRET-METHOD /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await client.request("PROPFIND", "/v2/");
  const text = (await client.get("/metrics")).body.toString();
  assert.doesNotMatch(text, /secret/i);
  assert.ok(text.length > 0);
});
