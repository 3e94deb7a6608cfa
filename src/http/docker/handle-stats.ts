import type { ContainersNeeds } from "./needs.ts";
import { answerJson } from "./answer.ts";
import { answerStream } from "./answer-stream.ts";
import { leaving } from "#http/edge/leaving.ts";
import { statsView, type Sample } from "./render/stats-view.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const statsRoutes: readonly DockerRoute[] = [
  { method: "GET", path: "/containers/{id}/stats", name: "container-stats", handle: stats },
];

/** ms between two samples. */
const every = 1_000;

/** A stream of samples, one with the one before it (stream=0), or one alone (one-shot=1). */
async function stats({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  const { containers } = needs;
  const signal = leaving(ctx);
  const first = await sample(containers, ref);
  if (query.flag("stream", true)) {
    await answerStream(ctx, samples(containers, first, signal), { type: "application/json", atOnce: true });
    return;
  }
  if (first.usage === undefined || query.flag("one-shot")) {
    answerJson(ctx, statsView(first, undefined));
    return;
  }
  await pause(signal);
  answerJson(ctx, statsView(await sample(containers, first.id), first));
}

async function* samples(
  containers: ContainersNeeds,
  first: Sample,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let before: Sample | undefined;
  let now = first;
  let due = performance.now();
  while (!signal.aborted) {
    yield `${JSON.stringify(statsView(now, before))}\n`;
    due += every;
    await pause(signal, Math.max(0, due - performance.now()));
    before = now;
    // By its id: it may have got another name, and its name another container.
    now = await sample(containers, first.id);
  }
}

async function sample(containers: ContainersNeeds, ref: string): Promise<Sample> {
  return { ...(await containers.stats(ref)), at: new Date().toISOString() };
}

/** Ends early when the client has left. */
function pause(signal: AbortSignal, ms = every): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}
