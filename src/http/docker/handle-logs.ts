import { AppError } from "#core/errors.ts";
import type { LogLine } from "#core/engine/output.ts";
import { answerStream } from "./answer-stream.ts";
import { messageOf } from "./errors.ts";
import { frame, outputType } from "./frames.ts";
import { leaving } from "#http/edge/leaving.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const logRoutes: readonly DockerRoute[] = [
  { method: "GET", path: "/containers/{id}/logs", name: "container-logs", handle: logs },
];

async function logs({ ctx, needs, ref, query, api }: DockerRequest): Promise<void> {
  const [stdout, stderr] = [query.flag("stdout"), query.flag("stderr")];
  if (!stdout && !stderr)
    throw new AppError("engine-invalid", "Bad parameters: you must choose at least one stream");
  const { tty, lines, attributes } = await needs.containers.logs(
    ref,
    {
      stdout,
      stderr,
      follow: query.flag("follow"),
      tail: /^\d{1,15}$/.test(query.text("tail")) ? Number(query.text("tail")) : undefined,
      since: query.time("since"),
      // The beginning of time is no end.
      until: query.text("until") === "0" ? undefined : query.time("until"),
    },
    leaving(ctx),
  );
  const details = query.flag("details") ? `${attributesText(attributes)} ` : "";
  const times = query.flag("timestamps");
  await answerStream(ctx, written(lines, { tty, times, details }), {
    type: outputType(api, tty),
    atOnce: true,
    failed: (error) => {
      const text = Buffer.from(`Error grabbing logs: ${messageOf(error)}\n`);
      return tty ? text : frame("failure", text);
    },
  });
}

async function* written(
  lines: AsyncIterable<LogLine>,
  { tty, times, details }: { tty: boolean; times: boolean; details: string },
): AsyncGenerator<Uint8Array> {
  for await (const { stream, data, time } of lines) {
    const before = `${times ? `${time} ` : ""}${details}`;
    const payload = before === "" ? data : Buffer.concat([Buffer.from(before), data]);
    yield tty ? payload : frame(stream, payload);
  }
}

/** `--details`: what `--log-opt` asked to keep, `a=b,c=d`. */
function attributesText(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join(",");
}
