import { access, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runChild } from "./child.ts";
import type { Options } from "./options.ts";
import { berth } from "./servers/berth.ts";
import { distribution } from "./servers/distribution.ts";
import { dockerd } from "./servers/dockerd.ts";
import { nginx } from "./servers/nginx.ts";
import { peer } from "./servers/peer.ts";
import type { Server } from "./servers/server.ts";
import { findDistribution3, findProgram, namedProgram, versionOf } from "./tools.ts";

/** The servers of a run, Berth first, and what is left out with the way to get it. */
export async function lineUp(
  project: string,
  options: Options,
  signal: AbortSignal,
): Promise<{ servers: Server[]; missing: string[] }> {
  const wanted = (id: string) => options.servers.length === 0 || options.servers.includes(id);
  const servers: Server[] = [];
  const missing: string[] = [];
  if (wanted("berth")) servers.push(await builtBerth(project, options, signal));
  if (options.group === "engine") {
    if (wanted("dockerd")) {
      const command = await findProgram("dockerd");
      const registry = options.distribution2 ?? (await findProgram("docker-registry"));
      if (command === undefined) missing.push("dockerd: install docker.io (Debian)");
      else servers.push(dockerd(await versionOf(command, "--version", signal), registry));
    }
    return { servers, missing };
  }
  if (wanted("distribution-2")) {
    const command = options.distribution2
      ? await namedProgram(options.distribution2, "--distribution2")
      : await findProgram("docker-registry");
    if (command === undefined)
      missing.push("Distribution 2.8: install docker-registry (Debian), or --distribution2 PATH");
    else servers.push(distribution("distribution-2", command, await versionOf(command, "--version", signal)));
  }
  if (wanted("distribution-3")) {
    const command = await findDistribution3(options.distribution3, options.installPeers, signal);
    if (command === undefined)
      missing.push("Distribution 3: --install-peers builds it with Go, or --distribution3 PATH");
    else servers.push(distribution("distribution-3", command, await versionOf(command, "--version", signal)));
  }
  if (wanted("nginx")) {
    const command = options.nginx ? await namedProgram(options.nginx, "--nginx") : await findProgram("nginx");
    if (command === undefined) missing.push("nginx: install nginx, or --nginx PATH");
    else servers.push(nginx(command, await versionOf(command, "-v", signal)));
  }
  for (const { name, url } of options.peers) if (wanted(name.toLowerCase())) servers.push(peer(name, url));
  return { servers, missing };
}

/** What caches pull from, whichever servers are measured: Distribution 3, or else 2.8. */
export async function upstreamProgram(
  options: Options,
  signal: AbortSignal,
): Promise<{ command: string; version: string }> {
  const command =
    (await findDistribution3(options.distribution3, options.installPeers, signal)) ??
    options.distribution2 ??
    (await findProgram("docker-registry"));
  if (command === undefined)
    throw new Error(
      "no upstream to pull from: --install-peers builds Distribution 3, or install docker-registry",
    );
  return { command, version: await versionOf(command, "--version", signal) };
}

async function builtBerth(project: string, options: Options, signal: AbortSignal): Promise<Server> {
  const main = options.berth === undefined ? join(project, "dist/main.js") : resolve(options.berth);
  if (options.berth === undefined && options.build) {
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const args = [compiler, "-p", join(project, "tsconfig.build.json")];
    await runChild({ command: process.execPath, args, limit: 300_000, signal });
  }
  await access(main).catch(() => {
    throw new Error(`Berth: ${main} is missing; run npm run build, or leave Berth out with --servers`);
  });
  const { version } = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as {
    version: string;
  };
  return berth(main, version);
}
