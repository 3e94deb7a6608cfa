import assert from "node:assert/strict";
import { createUpstream } from "#adapters/upstream-http/create-upstream.ts";
import type { UpstreamParts } from "#adapters/upstream-http/upstream-parts.ts";
import { AppError, type ErrorCode } from "#core/errors.ts";
import type { Upstream, UpstreamBlob } from "#core/upstream.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { digestOf } from "../../harness/registry-content.ts";

/** The adapter as a service asks it, with the waits of a test. */
export type AskedUpstream = Upstream & AsyncDisposable;

export function upstreamOf(url: string, more: Partial<UpstreamParts> = {}): AskedUpstream {
  return createUpstream({
    name: "up.test",
    url,
    credentials: async () => undefined,
    realms: [],
    ca: undefined,
    proxy: undefined,
    no_proxy: [],
    allow_addresses: [],
    rate: { requests: undefined, concurrent: 8 },
    timeout: 5_000,
    userAgent: "berth-test",
    ...more,
  });
}

export const withPassword = (username: string, password: string) => ({
  credentials: async () => ({ username, password }),
});

/** A signal that ends a test's wait. */
export const soon = (ms = 20_000) => AbortSignal.timeout(ms);

export const repository = (name = "library/busybox") => name as RepositoryName;
export const tag = (name = "latest") => name as Tag;
export const digest = (text: string) => text as Digest;

export const limit = 4 * 1024 * 1024;

/** GET of the manifest as it is now. */
export const manifestOf = (upstream: Upstream, reference: Tag | Digest = tag(), name = repository()) =>
  upstream.manifest(name, reference, undefined, limit, soon());

export async function bytesOf({ body }: Pick<UpstreamBlob, "body">): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The whole blob, read to its end. */
export const blobOf = async (upstream: Upstream, which: string, from = 0, name = repository()) =>
  bytesOf(await upstream.blob(name, digest(which), from, soon()));

/** Fails unless it ends in this AppError, whose message reads like this and keeps to itself what it must. */
export async function rejectsAs(
  promise: Promise<unknown>,
  code: ErrorCode,
  message: RegExp = /./,
): Promise<AppError> {
  const error = await promise.then(
    () => assert.fail(`expected ${code}, but it went well`),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof AppError, `no AppError: ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /\?|[Bb]earer |Basic |undefined|\[object/);
  return error;
}

export const sameBytes = (one: Uint8Array, other: Uint8Array) => assert.equal(digestOf(one), digestOf(other));
