import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { proxyAddress } from "../nginx/nginx.ts";
import type { Backends } from "./backends.ts";
import type { Setting } from "./options.ts";

const readyLimit = 30_000;
const stopLimit = 15_000;
const root = resolve(import.meta.dirname, "../..");

export interface FreshBerth extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  address: string;
  /** Its folder of blobs. */
  blobs: string;
  /** Who may use the suite's repositories; undefined: everybody. */
  login: { name: string; password: string } | undefined;
}

const main = ["--conditions=berth-src", join(root, "src/main.ts")];

/** Starts Berth from its sources on an empty data folder and a free port. Its complaints go to berth-errors.txt. */
export async function startBerth(
  folder: string,
  setting: Setting,
  backends: Pick<Backends, "config">,
): Promise<FreshBerth> {
  const configFile = join(folder, "berth.yaml");
  const data = join(folder, "data");
  await writeFile(configFile, stringify({ ...configFor(setting), ...backends.config }));
  const login = setting.auth ? addUser(data, configFile) : undefined;
  const errors = openSync(join(folder, "berth-errors.txt"), "w");
  const child = spawn(
    process.execPath,
    [...[...main, "serve", "--listen", "127.0.0.1:0"], ...["--data", data, "--config", configFile]],
    { cwd: folder, stdio: ["ignore", "pipe", errors] },
  );
  closeSync(errors);
  const output = child.stdout;
  if (output === null) throw new Error("Berth has no output to read");
  const ended = once(child, "exit");
  ended.catch(() => undefined);

  const stop = async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), stopLimit);
    await ended;
    clearTimeout(hard);
  };
  try {
    const address = await new Promise<string>((fulfil, reject) => {
      const late = setTimeout(
        () => reject(new Error(`Berth was not ready after ${readyLimit / 1000} s`)),
        readyLimit,
      );
      late.unref();
      child.once("error", reject);
      child.once("exit", (code, signal) =>
        reject(new Error(`Berth ended with ${signal ?? code} before it was ready`)),
      );
      // Reading goes on after the line was found, or the log would fill the pipe and stop Berth.
      createInterface({ input: output }).on("line", (line) => {
        const found = addressIn(line);
        if (found === undefined) return;
        clearTimeout(late);
        fulfil(found);
      });
    });
    const blobs = join(data, "storage", "blobs");
    return { address, blobs, login, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const user = "conformance";

function configFor({ auth, nginx, s3 }: Setting): object {
  return {
    // The suite pushes an image of which a layer is missing on purpose, and wants 201.
    policy: {
      missing_references: "any",
      ...(auth ? { rules: [{ repositories: "conformance/**", who: `user:${user}`, allow: "*" }] } : {}),
    },
    ...(auth ? { auth: { mode: "token" } } : {}),
    ...(nginx ? { trusted_proxies: [proxyAddress] } : {}),
    ...(nginx && !s3 ? { storage: { disk: { x_accel_redirect: "/berth-blobs/" } } } : {}),
  };
}

/** No admin: a user who may do what the rules say. */
function addUser(data: string, config: string): { name: string; password: string } {
  const password = randomBytes(18).toString("base64url");
  const args = [...main, "user", "add", user, "--password-file", "-", "--data", data, "--config", config];
  execFileSync(process.execPath, args, { input: password, stdio: ["pipe", "ignore", "inherit"] });
  return { name: user, password };
}

/** `127.0.0.1:PORT` of the line that says that Berth is ready. */
export function addressIn(line: string): string | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { msg, addresses } = (entry ?? {}) as { msg?: unknown; addresses?: unknown };
  if (msg !== "ready" || !Array.isArray(addresses)) return undefined;
  const first: unknown = addresses[0];
  return typeof first === "string" ? first.replace(/^https?:\/\//, "").replace(/\/$/, "") : undefined;
}
