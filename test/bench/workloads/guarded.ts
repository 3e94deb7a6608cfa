import { ask, seedImage } from "./registry-api.ts";
import { read } from "./reads.ts";
import { onRunning } from "./on-running.ts";
import type { GuardedServer } from "../servers/server.ts";
import { mebibyte } from "../settings.ts";
import { needsRegistry, type Bout, type Workload } from "./workload.ts";

/** Berth asks for a token and looks at it each time; the others serve everybody. */
export const manifestGetWithToken: Workload = {
  rows: [{ name: "manifest-get-token", title: "manifest GET with a bearer token, c=32", unit: "/s" }],
  leavesOut: needsRegistry,
  disk: () => mebibyte,
  async measure(bout) {
    const path = `/v2/${bout.repository}/manifests/latest`;
    const row = manifestGetWithToken.rows[0];
    const load = { method: "GET" as const, paths: [path], connections: 32 };
    const { startGuarded } = bout.server;
    if (startGuarded === undefined)
      return onRunning(bout, async (running) => {
        await seedImage(running, bout.repository, "latest");
        return [await read(bout, running, row, load)];
      });
    await using running = await startGuarded(bout.folder, bout.signal);
    await seedImage({ ...running, authorization: running.basic }, bout.repository, "latest");
    const headers = { Authorization: `Bearer ${await token(bout, running)}` };
    return [await read(bout, running, row, { ...load, headers })];
  },
};

/** Name and password in, a signed token out. */
export const tokenIssue: Workload = {
  rows: [{ name: "token-issue", title: "token issue (GET /token, Basic), c=8", unit: "/s" }],
  leavesOut: (server) => (server.startGuarded === undefined ? "has no token server" : undefined),
  disk: () => mebibyte,
  async measure(bout) {
    const running = await bout.server.startGuarded?.(bout.folder, bout.signal);
    if (running === undefined) return [];
    await using _ended = running;
    await token(bout, running);
    const load = { method: "GET" as const, paths: [tokenPath(bout)], connections: 8 };
    const headers = { Authorization: running.basic };
    return [await read(bout, running, tokenIssue.rows[0], { ...load, headers })];
  },
};

function tokenPath(bout: Bout): string {
  return `/token?service=berth&scope=repository:${bout.repository}:pull,push`;
}

async function token(bout: Bout, running: GuardedServer): Promise<string> {
  const authorized = { ...running, authorization: running.basic };
  const { body } = await ask(authorized, "GET", tokenPath(bout), [200]);
  return (JSON.parse(body.toString("utf8")) as { token: string }).token;
}
