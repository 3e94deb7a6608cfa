import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { freePort } from "../bench/servers/free-port.ts";
import { launch } from "../bench/servers/launch.ts";
import { findProgram } from "../clients/find-program.ts";
import type { Release } from "../import/distribution.ts";
import { frontedUpstream, type Account, type RunningUpstream } from "./running-upstream.ts";

/** CNCF Distribution of that release. @param account the only one who may do anything; undefined: everybody may. */
export async function startDistributionUpstream(
  { program, version }: Release,
  account?: Account,
): Promise<RunningUpstream> {
  const folder = await mkdtemp(join(tmpdir(), "berth-upstream-"));
  const label = `Distribution ${version}${account === undefined ? "" : " with htpasswd"}`;
  const htpasswd = join(folder, "htpasswd");
  if (account !== undefined)
    await writeFile(htpasswd, `${account.name}:${await bcrypt(account.secret, 5)}\n`);
  return await frontedUpstream({
    label,
    account,
    async launch() {
      const port = await freePort();
      const config = {
        version: 0.1,
        storage: {
          filesystem: { rootdirectory: join(folder, "data") },
          delete: { enabled: true },
          redirect: { disable: true },
        },
        http: { addr: `127.0.0.1:${port}` },
        ...(account === undefined ? {} : { auth: { htpasswd: { realm: "upstream", path: htpasswd } } }),
      };
      // YAML reads JSON.
      await writeFile(join(folder, "config.yml"), JSON.stringify(config));
      const server = await launch(
        {
          label,
          command: findProgram(program) ?? program,
          args: ["serve", join(folder, "config.yml")],
          folder,
          log: join(folder, "log.txt"),
          port,
          ready: account === undefined ? 200 : 401,
          // Version 3 would look for a trace collector on this machine otherwise.
          env: { OTEL_TRACES_EXPORTER: "none" },
        },
        AbortSignal.timeout(60_000),
      );
      return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    },
    clean: () => rm(folder, { recursive: true, force: true }),
  });
}
