import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { writeAuditLines } from "#app/audit/audit-lines.ts";
import { alone, type Upkeep } from "#app/servers/upkeep-lease.ts";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { pull } from "../contract/metadata/audit-content.ts";

const silent = pino({ level: "silent" });

async function opened(folder: { file(name: string): string }) {
  return openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
}

/** `at` of every line. */
function times(file: string): number[] {
  const text = readFileSync(file, "utf8");
  assert.ok(text === "" || text.endsWith("\n"));
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => Date.parse((JSON.parse(line) as { at: string }).at));
}

/** Writes what is there: a run from start to stop. */
async function copy(audit: Pick<AuditLog, "list" | "written" | "setWritten">, file: string): Promise<void> {
  await using _ = await writeAuditLines(audit, file, alone, silent);
}

test("every entry is a line, once, also over restarts", async () => {
  using folder = tempFolder();
  const file = folder.file("audit.jsonl");
  {
    await using metadata = await opened(folder);
    await metadata.audit.append([pull(1), pull(2)]);
    await copy(metadata.audit, file);
    assert.deepEqual(times(file), [1, 2]);
    await metadata.audit.append([pull(3)]);
    await copy(metadata.audit, file);
    await copy(metadata.audit, file);
    await metadata.audit.append([pull(4)]);
  }
  await using metadata = await opened(folder);
  await copy(metadata.audit, file);
  assert.deepEqual(times(file), [1, 2, 3, 4]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const [line = ""] = readFileSync(file, "utf8").split("\n");
  const { id, at, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const { at: _at, ...expected } = pull(1);
  assert.deepEqual([typeof id, at, rest], ["number", "1970-01-01T00:00:00.001Z", expected]);
});

test("more than one step of entries comes whole and in order", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const all = Array.from({ length: 1201 }, (_, i) => i + 1);
  await metadata.audit.append(all.map((at) => pull(at)));
  await copy(metadata.audit, folder.file("audit.jsonl"));
  assert.deepEqual(times(folder.file("audit.jsonl")), all);
});

test("new entries are written while it runs", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const file = folder.file("audit.jsonl");
  await using _ = await writeAuditLines(metadata.audit, file, alone, silent);
  await metadata.audit.append([pull(1)]);
  for (let i = 0; i < 200 && times(file).length === 0; i++) await new Promise((done) => setTimeout(done, 50));
  assert.deepEqual(times(file), [1]);
});

/** A turn that the test gives and takes. */
function handedTurn(): Upkeep & { give(): void; take(): void } {
  let mine = false;
  const begins: (() => void)[] = [];
  return {
    mine: () => mine,
    whenMine(begin) {
      begins.push(begin);
      return { [Symbol.dispose]: () => undefined };
    },
    give() {
      mine = true;
      for (const begin of begins) begin();
    },
    take() {
      mine = false;
    },
  };
}

test("of two servers each goes on where the other was; who has no turn writes nothing, not even at its end", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const files = [folder.file("a.jsonl"), folder.file("b.jsonl")] as const;
  const turns = [handedTurn(), handedTurn()] as const;
  let at = 0;
  {
    await using _a = await writeAuditLines(metadata.audit, files[0], turns[0], silent);
    await using _b = await writeAuditLines(metadata.audit, files[1], turns[1], silent);
    for (const who of [0, 1, 0, 1] as const) {
      const before = times(files[who]).length;
      await metadata.audit.append([pull(++at), pull(++at)]);
      turns[who].give();
      const look = async () => {
        for (let i = 0; i < 200 && (await metadata.audit.written()) < at; i++)
          await new Promise((done) => setTimeout(done, 20));
      };
      await look();
      assert.equal(times(files[who]).length, before + 2);
      turns[who].take();
    }
    await metadata.audit.append([pull(++at)]);
  }
  assert.deepEqual(files.map(times), [
    [1, 2, 5, 6],
    [3, 4, 7, 8],
  ]);
});

test("a file that was rotated away is left alone, and made again", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const file = folder.file("audit.jsonl");
  const rotations: (() => void)[] = [
    () => {
      renameSync(file, `${file}.1`);
    },
    () => {
      renameSync(file, `${file}.2`);
      writeFileSync(file, "", { mode: 0o640 });
    },
    () => {
      rmSync(file);
    },
    () => {
      truncateSync(file);
    },
  ];
  let rotate: (() => void) | undefined;
  // Rotates between the opening and the writing, which is where a file descriptor outlives its name.
  const audit: AuditLog = {
    ...metadata.audit,
    async list(...args) {
      rotate?.();
      rotate = undefined;
      return metadata.audit.list(...args);
    },
  };
  for (const at of [1, 2, 3, 4, 5]) {
    await metadata.audit.append([pull(at)]);
    rotate = rotations[at - 1];
    await copy(audit, file);
  }
  assert.deepEqual(times(`${file}.1`), []);
  assert.deepEqual(times(`${file}.2`), [1]);
  assert.deepEqual(times(file), [4, 5]);
});

test("a line is told as written only when it is: after a fault it comes again", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const file = folder.file("audit.jsonl");
  await metadata.audit.append([pull(1), pull(2)]);
  // As a crash between the lines and the note of them.
  const forgetful = { ...metadata.audit, setWritten: () => Promise.reject(new Error("crashed")) };
  await copy(forgetful, file);
  assert.deepEqual(new Set(times(file)), new Set([1, 2]));
  await copy(metadata.audit, file);
  assert.deepEqual(times(file).slice(-2), [1, 2]);
});

test("a line that a crash cut off spoils no other", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const file = folder.file("audit.jsonl");
  await metadata.audit.append([pull(1)]);
  await copy(metadata.audit, file);
  appendFileSync(file, '{"id":2,"at":"19');
  await metadata.audit.append([pull(2)]);
  await copy(metadata.audit, file);
  const lines = readFileSync(file, "utf8").split("\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[1], '{"id":2,"at":"19');
  assert.equal(Date.parse((JSON.parse(lines[2] ?? "") as { at: string }).at), 2);
});

test("a folder that goes away while it runs loses no entry", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const logs = folder.file("logs");
  writeFileSync(logs, "not a folder");
  const file = join(logs, "audit.jsonl");
  await assert.rejects(writeAuditLines(metadata.audit, file, alone, silent), {
    name: "AppError",
    code: "storage-failed",
    message: /audit\.file .*audit\.jsonl cannot be written \(ENOTDIR\)/,
  });
  const other = folder.file("audit.jsonl");
  {
    await using _ = await writeAuditLines(metadata.audit, other, alone, silent);
    rmSync(other);
    // A name that can't be opened for writing.
    mkdirSync(other);
    await metadata.audit.append([pull(1)]);
  }
  assert.equal(await metadata.audit.written(), 0);
  rmSync(other, { recursive: true });
  await copy(metadata.audit, other);
  assert.deepEqual(times(other), [1]);
});
