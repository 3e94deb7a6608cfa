import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditFilter } from "#core/metadata/audit-log.ts";
import { alice, everything, pull } from "./audit-content.ts";
import { alpha, beta, blob, digest, tag, type Open } from "./content.ts";

export function auditLogContract(open: Open): void {
  test("entries are read back as they were appended, with ids that grow", async () => {
    await using metadata = await open();
    const { audit } = metadata;
    assert.deepEqual(await everything(metadata), []);
    await audit.append([]);
    const bare = {
      ...alice,
      actorId: undefined,
      actor: "anonymous",
      kind: "anonymous",
      address: "",
      at: 6,
      action: "denied",
      repository: undefined,
      tag: undefined,
      digest: undefined,
      subject: undefined,
      count: 1,
    } as const;
    const full = pull(5, { count: 2 ** 33, subject: "süß '; DROP TABLE audit; --" });
    await audit.append([full, bare]);
    await audit.append([pull(4)]);
    const records = await everything(metadata);
    assert.deepEqual(
      records.map(({ id, ...entry }) => entry),
      [full, bare, { ...pull(4), subject: undefined }],
    );
    const ids = records.map(({ id }) => id);
    assert.ok(ids.every((id, i) => id > (ids[i - 1] ?? 0)));
  });

  test("a list goes on after the last id; the latest are the end of it", async () => {
    await using metadata = await open();
    const { audit } = metadata;
    await audit.append([1, 2, 3, 4, 5].map((at) => pull(at)));
    const at = (records: { at: number }[]) => records.map((record) => record.at);
    const first = await audit.list({}, 0, 2);
    assert.deepEqual(at(first), [1, 2]);
    assert.deepEqual(at(await audit.list({}, first.at(-1)?.id ?? 0, 9)), [3, 4, 5]);
    assert.deepEqual(at(await audit.list({}, 1_000_000, 9)), []);
    assert.deepEqual(at(await audit.latest({}, 2)), [4, 5]);
    assert.deepEqual(at(await audit.latest({}, 9)), [1, 2, 3, 4, 5]);
  });

  test("filters by time, actor, repository and action, alone and together", async () => {
    await using metadata = await open();
    const { audit } = metadata;
    await audit.append([
      pull(1),
      pull(2, { actor: "bob" }),
      pull(3, { repository: beta }),
      pull(4, { action: "denied" }),
      pull(5, { actor: "bob", repository: beta }),
      // Gathered entries come later than their time.
      pull(2, { count: 7 }),
    ]);
    const cases: [AuditFilter, number[]][] = [
      [{ since: 3 }, [3, 4, 5]],
      [{ until: 2 }, [1, 2, 2]],
      [{ since: 2, until: 3 }, [2, 3, 2]],
      [{ actor: "bob" }, [2, 5]],
      [{ repository: beta }, [3, 5]],
      [{ action: "denied" }, [4]],
      [{ since: 3, actor: "bob", repository: beta }, [5]],
      [{ actor: "nobody" }, []],
    ];
    for (const [filter, expected] of cases) {
      const found = await audit.list(filter, 0, 99);
      assert.deepEqual(
        found.map(({ at }) => at),
        expected,
      );
      assert.deepEqual(await audit.latest(filter, 99), found);
      assert.deepEqual(await audit.latest(filter, 1), found.slice(-1));
    }
  });

  test("old entries are dropped in steps; the ids of the others stay, and none is given again", async () => {
    await using metadata = await open();
    const { audit } = metadata;
    await audit.append([1, 2, 3, 4].map((at) => pull(at)));
    const before = await everything(metadata);
    assert.equal(await audit.drop(4, 2), 2);
    assert.deepEqual(await everything(metadata), before.slice(2));
    assert.equal(await audit.drop(4, 2), 1);
    assert.equal(await audit.drop(4, 2), 0);
    assert.equal(await audit.drop(5, 2), 1);
    await audit.append([pull(9)]);
    const [entry] = await everything(metadata);
    assert.ok(entry && entry.id > (before.at(-1)?.id ?? Infinity));
  });

  test("how far the lines file came is remembered", async () => {
    await using metadata = await open();
    const { audit } = metadata;
    assert.equal(await audit.written(), 0);
    await audit.setWritten(17);
    assert.equal(await audit.written(), 17);
    await audit.setWritten(18);
    assert.equal(await audit.written(), 18);
  });

  test("entries of changes and gathered ones stand in one list", async () => {
    await using metadata = await open();
    await metadata.audit.append([pull(1)]);
    await metadata.repositories.addBlob(blob(alpha, "x", { by: alice, now: 2 }));
    await metadata.audit.append([pull(3, { tag: tag("other"), digest: digest("n") })]);
    const actions = (await everything(metadata)).map(({ action }) => action);
    assert.deepEqual(actions, ["pull-manifest", "push-blob", "pull-manifest"]);
  });
}
