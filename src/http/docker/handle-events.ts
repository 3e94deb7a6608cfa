import type { EngineEvent } from "#core/engine/event.ts";
import { answerStream } from "./answer-stream.ts";
import { leaving } from "#http/edge/leaving.ts";
import { eventLine } from "./render/event-line.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const eventRoutes: readonly DockerRoute[] = [
  { method: "GET", path: "/events", name: "events", handle: events },
];

/** The headers go out before anything happens: `docker stats` begins with this. */
async function events({ ctx, needs, query }: DockerRequest): Promise<void> {
  const wanted = { since: query.time("since"), until: query.time("until"), filters: query.filters() };
  await answerStream(ctx, lines(needs.system.events(wanted, leaving(ctx))), {
    type: "application/json",
    atOnce: true,
  });
}

async function* lines(events: AsyncIterable<EngineEvent>): AsyncGenerator<string> {
  for await (const event of events) yield eventLine(event);
}
