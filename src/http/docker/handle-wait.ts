import { AppError } from "#core/errors.ts";
import { answerStream } from "./answer-stream.ts";
import { leaving } from "#http/edge/leaving.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const waitRoutes: readonly DockerRoute[] = [
  { method: "POST", path: "/containers/{id}/wait", name: "container-wait", handle: wait },
];

/** The headers go out once somebody watches: the CLI sends its start only then. */
async function wait({ ctx, needs, ref, query, api }: DockerRequest): Promise<void> {
  const signal = leaving(ctx);
  const { ended } = await needs.containers.wait(ref, conditionOf(query.text("condition"), api), signal);
  await answerStream(ctx, result(ended), { type: "application/json", atOnce: true });
}

async function* result(ended: Promise<{ code: number; error: string | undefined }>): AsyncGenerator<string> {
  const { code, error } = await ended;
  yield `${JSON.stringify({ StatusCode: code, Error: error === undefined ? null : { Message: error } })}\n`;
}

function conditionOf(text: string, api: number): "not-running" | "next-exit" | "removed" {
  switch (text) {
    case "next-exit":
    case "removed":
      return api < 30 ? "not-running" : text;
    case "":
    case "not-running":
      return "not-running";
    default:
      throw new AppError("engine-invalid", `invalid condition: ${JSON.stringify(text)}`);
  }
}
