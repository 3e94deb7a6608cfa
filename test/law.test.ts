import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { brokenLaws } from "./law/broken-laws.ts";
import { readTree } from "./law/tree.ts";

test("src and test keep the law of imports", () => {
  const tree = readTree(resolve(import.meta.dirname, ".."), ["src", "test"]);
  assert.ok(tree.has("src/core/errors.ts"), "the tree was not read");
  assert.deepEqual(brokenLaws(tree), []);
});

/** Files with one line each → every fault must hold these words, in order. */
function broken(files: Record<string, string>, ...expected: RegExp[]): void {
  const faults = brokenLaws(new Map(Object.entries(files)));
  assert.equal(faults.length, expected.length, `faults: ${JSON.stringify(faults, null, 2)}`);
  expected.forEach((words, index) => assert.match(faults[index] ?? "", words));
}

const error = "export class AppError {}";

describe("the law finds", () => {
  test("nothing in a house that keeps it", () => {
    broken({
      "src/kit/lock.ts": 'import { AsyncResource } from "node:async_hooks";',
      "src/oci/digest.ts": 'import { createHash } from "node:crypto";',
      "src/core/errors.ts": error,
      "src/core/body.ts":
        'import type { Readable } from "node:stream"; import type { D } from "#oci/digest.ts";',
      "src/config/schema.ts": 'import { z } from "zod"; import { parse } from "yaml";',
      "src/registry/blobs.ts": 'import { pipeline } from "node:stream/promises"; import "#kit/lock.ts";',
      "src/adapters/sqlite/open.ts":
        'import Database from "better-sqlite3"; import "./row.ts"; import "node:fs";',
      "src/adapters/sqlite/row.ts": 'export type { D } from "#oci/digest.ts";',
      "src/http/edge/edge.ts": 'import Koa from "koa"; import type { Logger } from "pino";',
      "src/http/admin/routes.ts": 'import Router from "@koa/router"; import "#http/edge/edge.ts";',
      "src/app/workers/worker.ts":
        'import "#registry/blobs.ts"; import "#adapters/sqlite/open.ts"; import "pino";',
      "src/app/keeper.ts":
        'fork(import.meta.resolve("#app/workers/worker.ts")); new URL("../../migrations", import.meta.url);',
      "src/cli/serve.ts":
        'import "#app/workers/worker.ts"; import "#config/schema.ts"; import "#core/errors.ts";',
      "src/main.ts": 'import "#cli/serve.ts"; export const all = process.env;',
      "src/web/app.tsx":
        'import { render } from "preact"; import "./row.tsx"; import type { V } from "#core/web/views.ts";',
      "src/web/row.tsx": 'import { useState } from "preact/hooks"; export const row = <td class="a" />;',
      "src/web/build.ts": 'import { build } from "esbuild"; import "node:fs";',
      "src/berth.js": 'require("anything")',
      "test/run.test.ts": 'new URL("../src/main.ts", import.meta.url); import("./" + name);',
      "test/law.test.ts": 'import "#core/errors.ts"; import "./tree.ts"; import "typescript";',
    });
  });

  test("a room that imports upwards", () => {
    broken(
      { "src/core/a.ts": 'import "#kit/lock.ts";', "src/kit/lock.ts": 'import "#core/errors.ts";' },
      /core\/a\.ts:1 imports #kit\/lock\.ts: core may import oci of ours, not kit/,
      /kit\/lock\.ts:1 imports #core\/errors\.ts: kit may import none/,
    );
  });

  test("rooms on one floor that import each other", () => {
    broken(
      {
        "src/app/a.ts": 'import "#cli/b.ts";',
        "src/main.ts": 'import "#core/errors.ts";',
        "src/registry/a.ts": 'import "#auth/b.ts"; import "#adapters/disk/a.ts";',
        "src/adapters/disk/a.ts": 'import type { X } from "#adapters/sqlite/b.ts";',
        "src/http/distribution/a.ts": 'export { x } from "#http/admin/b.ts"; export * from "#registry/b.ts";',
      },
      /app may import .* not cli$/,
      /main may import app, cli, config of ours, not core$/,
      /registry may import .* not auth$/,
      /registry may import .* not adapters\/disk$/,
      /adapters\/disk may import .* not adapters\/sqlite$/,
      /http\/distribution may import http\/edge.* not http\/admin$/,
      /not registry$/,
    );
  });

  test("every way to write an import", () => {
    const way = (text: string, law = /kit may import none of ours, not core$/) =>
      broken({ "src/kit/a.ts": text }, law);
    way('import x from "#core/a.ts";');
    way('import type { X } from "#core/a.ts";');
    way('import { type X } from "#core/a.ts";');
    way('export * as all from "#core/a.ts";');
    way('export type { X } from "#core/a.ts";');
    way('const x = await import("#core/a.ts");');
    way("const x = await import(`#core/a.ts`);");
    way('let x: import("#core/a.ts").X;');
    way('import x = require("#core/a.ts");');
    way('const x = require("#core/a.ts");');
    way('const x = import.meta.resolve("#core/a.ts");');
    way('new Worker(new URL("../core/a.ts", import.meta.url));', /locate it by import\.meta\.resolve/);
    way('/// <reference path="../core/a.ts" />', /relative imports stay in their room/);
    way("const x = await import(name);", /imports a computed name: write the name out/);
  });

  test("nothing in texts and comments that only look like imports", () => {
    broken({
      "src/kit/a.ts":
        '// import "#core/a.ts"\nconst text = \'import "#core/b.ts"\'; const env = "process.env";',
    });
  });

  test("built-ins that a room has no business with", () => {
    broken(
      {
        "src/oci/a.ts": 'import "node:fs";',
        "src/core/a.ts": 'import { pipeline, type Readable } from "node:stream";',
        "src/core/b.ts":
          'import { type Readable } from "node:stream"; import type { Server } from "node:http";',
        "src/registry/a.ts": 'import "node:fs/promises";',
        "src/http/admin/a.ts": 'import "node:http";',
        "src/config/a.ts": 'import "node:path";',
        "src/kit/a.ts": 'import "fs";',
      },
      /oci may import node:crypto of Node/,
      /core may import only types of node:stream/,
      /core\/b\.ts:1 imports node:http/,
      /registry may import node:stream, node:events, node:timers/,
      /http\/admin may import node:stream/,
      /config may import none of Node/,
      /imports fs: write node:fs$/,
    );
  });

  test("libraries outside of their room", () => {
    broken(
      {
        "src/registry/a.ts": 'import { z } from "zod";',
        "src/app/a.ts": 'import koa from "koa"; import type { Logger } from "pino";',
        "src/adapters/disk/a.ts": 'import type { Database } from "better-sqlite3";',
        "src/http/distribution/a.ts": 'import type { Context } from "koa"; import "@koa/router/deep";',
        "src/http/edge/a.ts": 'import "prom-client";',
      },
      /registry may import none of the libraries/,
      /app may import pino of the libraries/,
      /adapters\/disk may import none of the libraries/,
      /http\/distribution may import @koa\/router of the libraries/,
      /http\/edge may import koa, pino of the libraries/,
    );
  });

  test("a page that reaches for the server", () => {
    broken(
      {
        "src/web/a.tsx":
          'import { AppError } from "#core/errors.ts"; import type { D } from "#oci/digest.ts"; import "node:fs";',
        "src/web/b.tsx": 'import "esbuild"; import { a } from "./build.ts";',
        "src/kit/c.tsx": "",
      },
      /web may import only types of core$/,
      /web may import none of ours, not oci$/,
      /web may import none of Node$/,
      /web may import preact of the libraries$/,
      /build\.ts: relative imports stay in their room/,
      /src\/kit\/c\.tsx: sources are \.ts/,
    );
  });

  test("the environment read outside of main", () => {
    for (const text of [
      "export const a = process.env.A;",
      'export const a = globalThis.process["env"];',
      "const { env } = process;",
      "const { env: all } = process;",
    ]) {
      broken({ "src/app/a.ts": text }, /src\/app\/a\.ts:1 reads process\.env: only src\/main\.ts does/);
    }
    broken({ "src/cli/a.ts": 'import { env } from "node:process";' }, /process is a global/);
  });

  test("circles, of types too", () => {
    broken(
      {
        "src/core/a.ts": 'import type { B } from "./b.ts";',
        "src/core/b.ts": 'import type { C } from "./c.ts";',
        "src/core/c.ts": 'import type { A } from "./a.ts";',
        "src/core/alone.ts": 'import type { A } from "./a.ts";',
        "src/core/self.ts": 'import type { S } from "./self.ts";',
      },
      /^src\/core\/a\.ts → src\/core\/b\.ts → src\/core\/c\.ts → src\/core\/a\.ts: .* circle/,
      /^src\/core\/self\.ts → src\/core\/self\.ts: /,
    );
  });

  test("imports that are written wrongly", () => {
    broken(
      {
        "src/core/a.ts": 'import "./b.js"; import "#core/b.ts"; import "../oci/digest.ts"; import "./c";',
        "src/app/a.ts": 'import "../../test/law.test.ts"; import "/etc/x.ts"; import "#main.ts";',
        "test/a.test.ts": 'import "../src/core/b.ts"; import "./b";',
      },
      /b\.js: name the file with its \.ts/,
      /#core\/b\.ts: inside one room imports are relative/,
      /digest\.ts: relative imports stay in their room/,
      /\.\/c: name the file with its \.ts/,
      /nothing in src imports what lies outside/,
      /import by room, not by place on disk/,
      /app may import .* not main$/,
      /tests reach src by room/,
      /\.\/b: name the file with its \.ts/,
    );
  });

  test("files that are too long, nameless or in no room", () => {
    broken(
      {
        "src/kit/long.ts": "\n".repeat(301),
        "src/kit/fits.ts": "\n".repeat(300),
        "test/long.test.ts": "\n".repeat(301),
        "src/kit/utils.ts": "",
        "src/registry/helpers/a.ts": "",
        "test/lock-manager.test.ts": "",
        "src/cellar/a.ts": "",
        "src/loose.ts": "",
        "src/adapters/loose.ts": "",
        "src/kit/old.js": "",
      },
      /src\/kit\/long\.ts: 301 lines; a file has at most 300/,
      /test\/long\.test\.ts: 301 lines/,
      /src\/kit\/utils\.ts: "utils" is no name/,
      /src\/registry\/helpers\/a\.ts: "helpers" is no name/,
      /test\/lock-manager\.test\.ts: "manager" is no name/,
      /src\/cellar\/a\.ts: the house has no such room/,
      /src\/loose\.ts: the house has no such room/,
      /src\/adapters\/loose\.ts: the house has no such room/,
      /src\/kit\/old\.js: sources are \.ts/,
    );
  });
});
