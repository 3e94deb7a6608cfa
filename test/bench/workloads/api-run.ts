import { request, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { once } from "node:events";

/** What `docker run --rm --network none IMAGE true` asks an engine for, but for the output: create, wait, start. */
export async function apiRun(socketPath: string, image: string): Promise<void> {
  const created = await json(
    await post(socketPath, "/containers/create", 201, {
      Image: image,
      Cmd: ["true"],
      HostConfig: { NetworkMode: "none", AutoRemove: true },
    }),
  );
  const { Id } = created as { Id: string };
  // Its headers come at once, its body with the end: the container that it waits for hasn't started yet.
  const waiting = await post(socketPath, `/containers/${Id}/wait?condition=removed`, 200);
  const [end] = await Promise.all([
    json(waiting),
    post(socketPath, `/containers/${Id}/start`, 204).then((response) => response.resume()),
  ]);
  const { StatusCode } = end as { StatusCode: number };
  if (StatusCode !== 0) throw new Error(`the container ended with ${StatusCode}`);
}

async function post(
  socketPath: string,
  path: string,
  expected: number,
  body?: unknown,
): Promise<IncomingMessage> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    Host: "docker",
    "Content-Length": Buffer.byteLength(text),
    ...(text !== "" && { "Content-Type": "application/json" }),
  };
  const sent = request({ socketPath, method: "POST", path, headers, timeout: 30_000 });
  sent.once("timeout", () => sent.destroy(new Error(`POST ${path} was not answered within 30 s`)));
  sent.end(text);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  if (response.statusCode === expected) return response;
  response.resume();
  throw new Error(`POST ${path} answered ${response.statusCode} instead of ${expected}`);
}
