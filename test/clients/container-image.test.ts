import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../crash/eventually.ts";
import { freePort } from "../bench/servers/free-port.ts";
import { registryClient, expectStatus } from "../harness/registry-client.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { makeNodeBase } from "./harness/node-base.ts";
import { startRegistry } from "./harness/registry.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** Bytes of the image, unpacked. */
const most = 300e6;

test(
  "Berth's own image: built on a base from a Berth, pushed to it, and run as nobody on a read-only root",
  { timeout: 900_000, ...needs("docker", "busybox") },
  async () => {
    await using work = workplace();
    await using registry = await startRegistry(work.folder("registry"));
    await using dockerd = await startDockerd(work);
    const { docker } = dockerd;

    const root = work.folder("base");
    const variables = Object.entries(makeNodeBase(root)).flatMap(([name, value]) => [
      "--change",
      `ENV ${name}=${value}`,
    ]);
    const archive = join(work.path, "base.tar");
    await work.run("tar", ["-C", root, "--owner=0", "--group=0", "-cf", archive, "."]);
    const base = `${registry.host}/library/node:24`;
    await docker("import", ...variables, archive, base);
    await docker("push", base);
    await docker("rmi", "--force", base);

    const image = `${registry.host}/berth:test`;
    const file = join(checkout, "docker/Dockerfile");
    const build = ["build", "--network", "host", "--build-arg", `NODE_IMAGE=${base}`, "-t", image];
    await work.run("docker", [...build, "-f", file, checkout], {
      env: { ...dockerd.env, DOCKER_BUILDKIT: "0" },
      timeout: 800_000,
    });
    await docker("push", image);
    await docker("rmi", "--force", image);
    await docker("pull", image);
    const [{ Size: size, Config: config }] = JSON.parse(await docker("image", "inspect", image)) as [
      { Size: number; Config: { User: string } },
    ];
    assert.equal(config.User, "1000:1000");
    assert.ok(size < most, `${size} bytes`);

    const port = await freePort();
    const hardened = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    const settings = ["--network", "host", "-e", `BERTH_LISTEN=127.0.0.1:${port}`];
    await docker("run", "-d", "--name", "berth", "--health-interval", "1s", ...hardened, ...settings, image);
    const state = () => docker("inspect", "--format", "{{.State.Status}} {{.State.Health.Status}}", "berth");
    await eventually(
      "it is healthy",
      async () => (await state()).trim() === "running healthy",
      120_000,
    ).catch(async (error: unknown) => {
      const facts = await docker("inspect", "--format", "{{json .State}}", "berth");
      throw new Error(
        `${facts}\n${await work.run("sh", ["-c", "docker logs berth 2>&1"], { env: dockerd.env })}`,
        { cause: error },
      );
    });
    const client = registryClient(`http://127.0.0.1:${port}`);
    const kept = await client.pushBlob(Buffer.from("kept"), { repo: "app" });
    await docker("restart", "berth");
    await eventually(
      "it serves again",
      () =>
        client.get("/v2/").then(
          ({ status }) => status === 200,
          () => false,
        ),
      60_000,
    );
    expectStatus(await client.head(`/v2/app/blobs/${kept}`), 200);
    assert.match(await docker("exec", "berth", "node", "dist/main.js", "version"), /\d+\.\d+/);
    assert.match(await docker("logs", "berth"), /"ready"/);
    await docker("rm", "--force", "--volumes", "berth");
  },
);
