import assert from "node:assert/strict";
import { expectError, expectStatus, type Content, type RegistryClient } from "../harness/registry-client.ts";

/** The blob is there, byte for byte. */
export async function blobIsThere(
  client: RegistryClient,
  repo: string,
  { digest, bytes }: Content,
): Promise<void> {
  const answer = await client.get(`/v2/${repo}/blobs/${digest}`);
  expectStatus(answer, 200);
  assert.ok(answer.body.equals(bytes), `${digest} came back as something else`);
}

/** The blob is not there at all. */
export async function blobIsAbsent(client: RegistryClient, repo: string, { digest }: Content): Promise<void> {
  expectError(await client.get(`/v2/${repo}/blobs/${digest}`), 404, "BLOB_UNKNOWN");
  expectError(await client.head(`/v2/${repo}/blobs/${digest}`), 404);
}

/** What was never acknowledged may be there whole or not at all, and nothing between. Tells which. */
export async function blobIsWhole(client: RegistryClient, repo: string, content: Content): Promise<boolean> {
  const { status } = await client.head(`/v2/${repo}/blobs/${content.digest}`);
  await (status === 200 ? blobIsThere : blobIsAbsent)(client, repo, content);
  return status === 200;
}

/** The manifest is there by this tag or digest, byte for byte. */
export async function manifestIsThere(
  client: RegistryClient,
  repo: string,
  reference: string,
  { digest, bytes }: Content,
): Promise<void> {
  const answer = await client.get(`/v2/${repo}/manifests/${reference}`);
  expectStatus(answer, 200);
  assert.equal(answer.headers.get("docker-content-digest"), digest);
  assert.ok(answer.body.equals(bytes));
}

export async function manifestIsAbsent(
  client: RegistryClient,
  repo: string,
  reference: string,
): Promise<void> {
  expectError(await client.get(`/v2/${repo}/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
}

/** Bytes that an upload session has, or undefined where it is unknown. */
export async function offsetOf(client: RegistryClient, session: string): Promise<number | undefined> {
  const status = await client.get(session);
  if (status.status === 404) {
    expectError(status, 404, "BLOB_UPLOAD_UNKNOWN");
    return undefined;
  }
  expectStatus(status, 204);
  const end = Number(/^0-(\d+)$/.exec(status.headers.get("range") ?? "")?.[1] ?? NaN);
  assert.ok(Number.isInteger(end));
  return end === 0 ? 0 : end + 1;
}

/** Sends the rest of an upload from where its session is, and finishes it. */
export async function finishFrom(
  client: RegistryClient,
  session: string,
  offset: number,
  { digest, bytes }: Content,
): Promise<void> {
  const rest = bytes.subarray(offset);
  if (rest.length > 0) {
    const headers = { "content-range": `${offset}-${bytes.length - 1}` };
    expectStatus(await client.request("PATCH", session, { body: rest, headers }), 202);
  }
  const finish = `${session}${session.includes("?") ? "&" : "?"}digest=${digest}`;
  expectStatus(await client.request("PUT", finish), 201);
}
