import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../clients/find-program.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";
import type { Ran } from "./harness/own-host.ts";

const file = `
services:
  web:
    image: busybox:latest
    command: httpd -f -p 80 -h /www
    volumes:
      - pages:/www
    ports:
      - "18080:80"
    networks:
      front:
        aliases: [site]
    depends_on:
      - store
  store:
    image: busybox:latest
    command: sh -c 'echo stored > /data/index.html; echo ready; trap "exit 0" TERM; while :; do sleep 0.2; done'
    volumes:
      - pages:/data
    networks: [front]
volumes:
  pages: {}
networks:
  front: {}
`;

const programs = [
  { name: "docker-compose 1.29", program: "docker-compose", head: 'version: "3.7"' },
  { name: "compose v5", program: "docker-compose-v5", head: "" },
];

for (const { name, program, head } of programs)
  engineTest(
    `${name}: up, ps, logs, exec, up again, restart, down -v of two services`,
    async () => {
      const path = findProgram(program);
      assert.ok(path !== undefined && existsSync(path), `${program} isn't installed: bash .ci/install`);
      await using engine = await testEngine();
      const before = await idleInventory(engine);
      const folder = join(engine.folder, "project");
      await mkdir(folder);
      await writeFile(join(folder, "docker-compose.yml"), `${head}\n${file}`);
      const compose = composer(engine, path, folder);

      await compose("up", "-d");
      const page = await eventually(() =>
        engine.host.run("curl", ["-s", "http://127.0.0.1:18080/index.html"]),
      );
      assert.equal(page, "stored\n");
      assert.match((await compose("ps")).stdout, /web[\s\S]*18080->80\/tcp/);
      assert.match((await compose("logs", "--no-color", "store")).stdout, /ready/);
      const inside = await compose("exec", "-T", "web", "wget", "-qO-", "http://site/index.html");
      assert.equal(inside.stdout, "stored\n");
      assert.equal(
        (await compose("exec", "-T", "store", "wget", "-qO-", "http://web/index.html")).stdout,
        "stored\n",
      );
      const ids = await engine.ok("ps", "-q", "--no-trunc");
      await compose("up", "-d");
      assert.equal(
        await engine.ok("ps", "-q", "--no-trunc"),
        ids,
        "nothing changed, so nothing is made anew",
      );
      await compose("restart", "-t", "1", "web");
      assert.match((await compose("top")).stdout, /httpd/);
      await compose("stop", "-t", "1");
      await compose("start");
      await compose("down", "-v", "-t", "1");
      assert.equal(await engine.ok("ps", "-aq"), "");
      assert.equal(await engine.ok("volume", "ls", "-q"), "");
      assert.doesNotMatch(await engine.ok("network", "ls", "--format", "{{.Name}}"), /front/);
      await nothingLeft(engine, before);
    },
    180_000,
  );

function composer(engine: TestEngine, program: string, folder: string) {
  return async (...args: string[]): Promise<Ran> => {
    const ran = await engine.host.run(program, args, {
      cwd: folder,
      env: {
        DOCKER_HOST: `unix://${engine.socket}`,
        DOCKER_CONFIG: join(engine.folder, "docker"),
        HOME: engine.folder,
      },
      timeout: 120_000,
    });
    assert.equal(
      ran.code,
      0,
      `compose ${args.join(" ")}:\n${ran.stdout}${ran.stderr}\n${engine.logs().slice(-3_000)}`,
    );
    return ran;
  };
}

/** A server needs a moment to listen. */
async function eventually(ask: () => Promise<Ran>): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const { code, stdout } = await ask();
    if (code === 0 || attempt === 50) return stdout;
    await sleep(100);
  }
}
