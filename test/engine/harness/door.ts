import { mkdtemp, rm } from "node:fs/promises";
import type { OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { AppError } from "#core/errors.ts";
import { createDockerDoor } from "#http/docker/door.ts";
import type { DockerNeeds } from "#http/docker/needs.ts";
import { drainable } from "#http/edge/drain.ts";
import { createEdge } from "#http/edge/edge.ts";
import { listen } from "#http/edge/listen.ts";
import { createOrigins } from "#http/edge/origin.ts";
import type { Tls } from "#http/edge/tls.ts";
import { plainEnvironment, runProgram } from "#kit/run-program.ts";
import { askSocket } from "./ask-socket.ts";

export type PartialNeeds = { [N in keyof DockerNeeds]?: Partial<DockerNeeds[N]> };

/** The docker door on a unix socket (or with TLS on a port), over needs that a test writes by hand. */
export async function serveDoor(fakes: PartialNeeds, tls?: Tls) {
  const folder = await mkdtemp(join(tmpdir(), "berth-door-"));
  const socket = join(folder, "engine.sock");
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(JSON.parse(line) as never) });
  const edge = createEdge({
    log,
    accessLog: true,
    meter: { request: () => undefined },
    origins: createOrigins(undefined, []),
    doors: [createDockerDoor(allNeeds(fakes), { version: "0.1.0" })],
  });
  const { handler, drain } = drainable(edge.callback());
  const limits = { header_timeout: 5_000, keep_alive_timeout: 60_000, hijack: true };
  const address = tls === undefined ? { path: socket } : { host: "127.0.0.1", port: 0 };
  const listener = await listen(address, handler, limits, tls);
  return {
    socket,
    lines,
    url: listener.url,
    /** The real docker CLI. */
    docker(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}) {
      const env = {
        ...plainEnvironment,
        HOME: folder,
        DOCKER_CONFIG: join(folder, "docker"),
        DOCKER_HOST: listener.url,
        ...options.env,
      };
      return runProgram("docker", args, { ...options, env, timeout: 20_000 });
    },
    request: (method: string, path: string, body?: unknown, headers: OutgoingHttpHeaders = {}) =>
      askSocket(socket, method, path, body, headers),
    /** A connection that the test writes to itself. */
    open: () => connect({ path: socket, allowHalfOpen: true }),
    async [Symbol.asyncDispose]() {
      await drain([listener], 100);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that a test didn't write refuses. */
function allNeeds(fakes: PartialNeeds): DockerNeeds {
  const part = (noun: keyof DockerNeeds) =>
    new Proxy(fakes[noun] ?? {}, {
      get: (target, name) =>
        (Reflect.get(target, name) as unknown) ??
        (() =>
          Promise.reject(new AppError("engine-missing", `No such ${noun.slice(0, -1)}: ${String(name)}`))),
    });
  const nouns = ["containers", "execs", "images", "networks", "volumes", "system"] as const;
  return Object.fromEntries(nouns.map((noun) => [noun, part(noun)])) as unknown as DockerNeeds;
}
