import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountDesk } from "../harness/accounts.ts";
import { spawnBerth } from "../harness/process.ts";
import { frontedUpstream, type RunningUpstream } from "./running-upstream.ts";

/**
 * A second Berth with tokens: everybody pulls from `public/**` and `library/**`, only its account from the rest.
 */
export async function startBerthUpstream(): Promise<RunningUpstream> {
  const folder = await mkdtemp(join(tmpdir(), "berth-upstream-"));
  const account = { name: "mirror", secret: "password-of-mirror" };
  const rules = [
    { repositories: ["public/**", "library/**"], who: "anonymous", allow: "pull" },
    { repositories: "**", who: `user:${account.name}`, allow: "*" },
  ];
  let isNew = true;
  return await frontedUpstream({
    label: "Berth with tokens",
    account,
    async launch(front) {
      const config = { auth: { mode: "token" }, policy: { rules }, external_url: front };
      const berth = await spawnBerth({ data: join(folder, "data"), config });
      if (isNew) await accountDesk(berth).addUser(account.name);
      isNew = false;
      return { port: Number(new URL(berth.url).port), [Symbol.asyncDispose]: () => berth.stop() };
    },
    clean: () => rm(folder, { recursive: true, force: true }),
  });
}
