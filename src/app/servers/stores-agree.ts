/** Whether every server that is running reads both places of blobs while they are moved between them. */
import { request } from "node:http";
import { hostname } from "node:os";
import { json } from "node:stream/consumers";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { ServerReport } from "#core/metadata/servers.ts";
import { uuid } from "#kit/uuid.ts";
import { controlPath, rulesPath } from "../control/control.ts";
import type { OperatorMetadata } from "../open/operator-metadata.ts";
import { rulesInForce } from "./rules-in-force.ts";

/** A server that was killed is in the table for so long, ms. */
const silentFor = 60_000;
const answerTimeout = 30_000;

/** Names of the running servers whose section storage differs from this one's. */
export async function serversOfOtherStores(config: Config, metadata: OperatorMetadata): Promise<string[]> {
  const { storage = "" } = rulesInForce(config);
  if (metadata.served === false) return [];
  if (metadata.served) {
    const rules = await rulesOf(controlPath(config.data));
    return rules["storage"] === storage ? [] : ["the server on this data folder"];
  }
  const others = await runningServers(metadata, "berth storage migrate", { storage });
  return others.filter(({ rules }) => rules["storage"] !== storage).map(({ name }) => name);
}

/** Servers on a database that several may share; one that was killed is told of for a minute. @param command which asks */
export async function runningServers(
  { servers }: Pick<Metadata, "servers">,
  command: string,
  rules: ServerReport["rules"] = {},
): Promise<ServerReport[]> {
  // For a moment this command is one of them, which is how the others are asked for.
  const id = uuid();
  const others = await servers.report({ id, name: `${command} on ${hostname()}`, rules }, silentFor);
  await servers.leave(id);
  return others;
}

function rulesOf(socketPath: string): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => {
      reject(new AppError("unavailable", `the server doesn't say its rules: ${cause.message}`, { cause }));
    };
    const asked = request({ socketPath, path: rulesPath, headers: { host: "localhost" }, agent: false });
    asked.setTimeout(answerTimeout, () => asked.destroy(new Error("it doesn't answer")));
    asked.on("error", failed);
    asked.on("response", (response) => {
      if (response.statusCode !== 200) failed(new Error(`it answered ${response.statusCode}`));
      else json(response).then((rules) => resolve(rules as Record<string, string>), failed);
    });
    asked.end();
  });
}
