import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Io, Output } from "../io.ts";
import { plainText } from "../terminal/plain-text.ts";
import { pathOf, type EngineClient } from "#adapters/engine-client/client.ts";
import { Refusal } from "#adapters/engine-client/refusal.ts";

interface Line {
  status?: string;
  id?: string;
  progressDetail?: { total?: number };
  errorDetail?: { message?: string };
}

/** Pulls an image and tells how far it is, a line for each step. */
export async function pullImage(
  client: EngineClient,
  image: string,
  { platform, to }: { platform: string | undefined; to: Output },
  io: Io,
): Promise<void> {
  const [, name = image, digest, tag = "latest"] =
    /^(.+?)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+))?$/.exec(image) ?? [];
  const path = pathOf(["images", "create"], { fromImage: name, tag: digest ?? tag, platform });
  const body = await client.open("POST", path, undefined, await registryAuth(name, io));
  for await (const { status = "", id, progressDetail, errorDetail } of jsonLines(body)) {
    if (errorDetail !== undefined) throw new Refusal(500, errorDetail.message ?? "the pull failed");
    // How many bytes of a layer are there already says nothing that the next line doesn't.
    if (progressDetail?.total === undefined)
      to.write(`${id === undefined ? "" : `${plainText(id)}: `}${plainText(status)}\n`);
  }
}

async function* jsonLines(body: AsyncIterable<Uint8Array>): AsyncIterable<Line> {
  const decoder = new TextDecoder();
  let left = "";
  for await (const chunk of body) {
    const lines = (left + decoder.decode(chunk, { stream: true })).split("\n");
    left = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as Line;
  }
  if (left.trim() !== "") yield JSON.parse(left) as Line;
}

/** What `docker login` wrote for the image's registry, if it did. */
async function registryAuth(name: string, { env, machine }: Io): Promise<Record<string, string>> {
  const [first = ""] = name.split("/");
  const host = name.includes("/") && /[.:]|^localhost$/.test(first) ? first : "https://index.docker.io/v1/";
  try {
    const file = join(env.DOCKER_CONFIG ?? join(machine.home, ".docker"), "config.json");
    const { auths } = JSON.parse(await readFile(file, "utf8")) as {
      auths?: Record<string, { auth?: string; identitytoken?: string }>;
    };
    const { auth = "", identitytoken } = auths?.[host] ?? {};
    const [, username, password] =
      /^([^:]*):([\s\S]*)$/.exec(Buffer.from(auth, "base64").toString("utf8")) ?? [];
    if (username === undefined && identitytoken === undefined) return {};
    // A registry that gives refresh tokens, as Berth does: the password isn't kept then.
    const said = JSON.stringify({ username, password, identitytoken, serveraddress: host });
    return { "X-Registry-Auth": Buffer.from(said).toString("base64url") };
  } catch {
    return {};
  }
}
