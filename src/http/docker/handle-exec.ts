import type { TerminalSize } from "#core/engine/monitor.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { answerJson, answerNothing } from "./answer.ts";
import { converse, say } from "./converse.ts";
import { detachSequence } from "./detach-keys.ts";
import { messageOf } from "./errors.ts";
import { outputType } from "./frames.ts";
import { jsonBody } from "./json-body.ts";
import { openConversation } from "./open-conversation.ts";
import { execView } from "./render/exec-view.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";
import { terminalSize } from "./terminal-size.ts";

export const execRoutes: readonly DockerRoute[] = [
  { method: "POST", path: "/containers/{id}/exec", name: "exec-create", handle: create },
  { method: "POST", path: "/exec/{id}/start", name: "exec-start", handle: start },
  { method: "POST", path: "/exec/{id}/resize", name: "exec-resize", handle: resize },
  { method: "GET", path: "/exec/{id}/json", name: "exec-inspect", handle: inspect },
];

async function create({ ctx, needs, ref }: DockerRequest): Promise<void> {
  answerJson(ctx, { Id: await needs.execs.create(ref, await jsonBody(ctx)) }, 201);
}

/** What fails after the upgrade is told as output: a client shows nothing else then. */
async function start({ ctx, needs, ref, api }: DockerRequest): Promise<void> {
  const body = await jsonBody(ctx, true);
  const exec = await needs.execs.look(ref);
  const size = sizeIn(body.ConsoleSize);
  if (body.Detach === true) {
    await needs.execs.start(ref, { detach: true, size });
    answerNothing(ctx, 200);
    return;
  }
  const tty = typeof body.Tty === "boolean" ? body.Tty : exec.tty;
  const { stdin, stdout, stderr } = exec;
  const wanted = { tty, stdin, stdout, stderr, detachKeys: detachSequence(exec.detachKeys) };
  const conversation = openConversation(ctx, outputType(api, tty), { bodyIsInput: false });
  let attachment;
  try {
    attachment = await needs.execs.start(ref, { detach: false, size });
  } catch (error) {
    exchangeOf(ctx).fault = error;
    await say(
      conversation,
      { stream: "stdout", data: Buffer.from(`${messageOf(error)}\r\n`) },
      { tty, stdout: true, stderr: true },
    );
  }
  if (attachment === undefined) conversation.end();
  else await converse(conversation, attachment, wanted);
}

async function resize({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.execs.resize(ref, terminalSize(query));
  answerNothing(ctx, 200);
}

async function inspect({ ctx, needs, ref }: DockerRequest): Promise<void> {
  answerJson(ctx, execView(await needs.execs.look(ref)));
}

/** `[rows, columns]`; zeros mean unknown. */
function sizeIn(size: unknown): TerminalSize | undefined {
  if (!Array.isArray(size)) return undefined;
  const [rows, columns] = size as unknown[];
  const good = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;
  return good(rows) && good(columns) ? { rows, columns } : undefined;
}
