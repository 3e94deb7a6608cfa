import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAccess, compilePolicy } from "#auth/policy.ts";
import { AppError } from "#core/errors.ts";
import { anonymous, type Caller } from "#core/caller.ts";
import { fixed } from "#core/live.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { compileQuotas, type QuotaRule } from "#registry/quotas.ts";
import { createRemovedTags } from "#registry/removed-tags.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { digest, manifest } from "../contract/metadata/content.ts";

const shown = "public/app" as RepositoryName;
const hidden = "secret/app" as RepositoryName;
const alice: Caller = { ...anonymous, kind: "user", id: "user:1", name: "alice" };
const policy = compilePolicy({
  rules: [{ name: undefined, repositories: ["public/**"], who: ["user:alice"], allow: ["pull"] }],
  namespaces: "none",
  metrics: [],
  immutable_tags: [{ repositories: ["**"], tags: ["v*"], except: [] }],
});

async function open(t: TestContext, ...quotas: QuotaRule[]) {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
  t.after(async () => {
    await metadata[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const { tagRoom, repositories } = metadata;
  const access = createAccess(fixed(policy));
  const service = createRemovedTags({
    ...{ tagRoom, access, clock: () => 500, undo: () => 1_000 },
    quotas: fixed(compileQuotas(quotas)),
  });
  const push = (repository: RepositoryName, name: string, text = name) =>
    repositories.putManifest(manifest(repository, text, { tags: [{ name: name as Tag, was: "any" }] }));
  const remove = async (repository: RepositoryName, name: string, text = name) => {
    await push(repository, name, text);
    await repositories.deleteTag(repository, name as Tag, {}, 100, undefined);
    return (await tagRoom.removed(repository, { limit: 1, after: undefined }))[0]?.id ?? 0;
  };
  const names = async (repository: RepositoryName, name: string) =>
    (await repositories.manifestFacts(repository, name as Tag))?.digest;
  return { service, push, remove, names };
}

const code = (wanted: string) => (error: unknown) => error instanceof AppError && error.code === wanted;

test("who may not pull from a repository isn't told of its removed tags, page by page", async (t) => {
  const { service, remove } = await open(t);
  const ids: number[] = [];
  for (let i = 0; i < 5; i++) {
    ids.unshift(await remove(shown, `a${i}`));
    await remove(hidden, `a${i}`);
  }
  const first = await service.list(alice, undefined, { limit: 3, after: undefined });
  assert.deepEqual([first.items.map(({ id }) => id), first.more], [ids.slice(0, 3), true]);
  assert.equal(first.items[0]?.until, 1_100);
  const rest = await service.list(alice, undefined, { limit: 3, after: ids[2] });
  assert.deepEqual([rest.items.map(({ id }) => id), rest.more], [ids.slice(3), false]);
  assert.deepEqual((await service.list(alice, hidden, { limit: 3, after: undefined })).items, []);
  assert.deepEqual((await service.list(anonymous, shown, { limit: 3, after: undefined })).items, []);
  assert.equal((await service.find(alice, ids[0] ?? 0))?.name, "a4");
  assert.equal(await service.find(anonymous, ids[0] ?? 0), undefined);
  assert.equal(await service.find(alice, (ids[0] ?? 0) + 1), undefined, "of the hidden repository");
  assert.equal(await service.find(alice, 9_999), undefined);
});

test("a tag that is there again isn't replaced unless that is asked for", async (t) => {
  const { service, push, remove, names } = await open(t);
  const id = await remove(shown, "a", "old");
  await push(shown, "a", "new");
  await assert.rejects(service.restore(id, undefined), code("account-exists"));
  assert.equal((await service.restore(id, undefined, true)).name, "a");
  assert.equal(await names(shown, "a"), digest("old"));
  await assert.rejects(service.restore(id, undefined, true), code("manifest-unknown"));
});

test("an immutable tag comes back where it is gone, and is never replaced", async (t) => {
  const { service, push, remove, names } = await open(t);
  const old = await remove(shown, "v1", "old");
  await push(shown, "v1", "new");
  await assert.rejects(service.restore(old, undefined, true), code("denied"));
  assert.equal(await names(shown, "v1"), digest("new"));
  const id = await remove(shown, "v2");
  assert.equal((await service.restore(id, undefined)).name, "v2");
});

test("pins of what isn't there are refused", async (t) => {
  const { service, push } = await open(t);
  await push(shown, "a");
  await service.pin(shown, "a" as Tag, true, undefined);
  await assert.rejects(service.pin(shown, "b" as Tag, true, undefined), code("manifest-unknown"));
});

test("a tag that would be one too many doesn't come back", async (t) => {
  const quota = { name: "few", repositories: ["public/*"], per: "repository", users: [], bytes: 1 } as const;
  const { service, push, remove } = await open(t, { ...quota, tags: 1 });
  const id = await remove(shown, "a");
  await push(shown, "b");
  await assert.rejects(service.restore(id, undefined), (error: unknown) => {
    assert.ok(code("over-quota")(error));
    assert.match((error as AppError).message, /over the quota few: 1 of 1 tags are used/);
    return true;
  });
});
