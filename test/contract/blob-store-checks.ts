import assert from "node:assert/strict";
import type { BlobStore, Location, UploadHandle } from "#core/blob-store.ts";
import { AppError, type ErrorCode } from "#core/errors.ts";

export async function* bodyOf(chunks: Uint8Array[], broken?: Error): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
  if (broken !== undefined) throw broken;
}

export function split(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

/** Copies: a store's chunks are only valid until the next one is asked for. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

export async function assertHolds(store: BlobStore, location: Location, bytes: Buffer): Promise<void> {
  assert.equal(await store.stat(location), bytes.length);
  await using blob = await store.open(location);
  assert.equal(blob.size, bytes.length);
  assert.ok((await collect(blob.read(0, bytes.length - 1))).equals(bytes));
}

export async function listed(store: BlobStore, before: number): Promise<UploadHandle[]> {
  const handles: UploadHandle[] = [];
  for await (const handle of store.staleUploads(before)) handles.push(handle);
  return handles;
}

export async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    return error;
  }
  assert.fail(`expected ${code}`);
}
