import type { DockerRequest, DockerRoute } from "./request.ts";
import { converse, say } from "./converse.ts";
import { detachSequence } from "./detach-keys.ts";
import { outputType } from "./frames.ts";
import { openConversation } from "./open-conversation.ts";

export const attachRoutes: readonly DockerRoute[] = [
  { method: "POST", path: "/containers/{id}/attach", name: "container-attach", handle: attach },
];

/** Before start, too: what the process then says first is not lost. What can be refused is, before the upgrade. */
async function attach({ ctx, needs, ref, query, api }: DockerRequest): Promise<void> {
  const detachKeys = detachSequence(query.text("detachKeys"));
  const stream = query.flag("stream");
  const stdin = stream && query.flag("stdin");
  const { tty, replay, attachment } = await needs.containers.attach(ref, {
    replay: query.flag("logs"),
    stream,
    stdin,
  });
  const wanted = { tty, stdin, stdout: query.flag("stdout"), stderr: query.flag("stderr"), detachKeys };
  const conversation = openConversation(ctx, outputType(api, tty), { bodyIsInput: true });
  try {
    for await (const line of replay)
      if (!(await say(conversation, line, wanted))) {
        attachment?.close();
        return;
      }
  } catch (error) {
    // Nothing can be told any more but by an end.
    attachment?.close();
    conversation.end();
    throw error;
  }
  if (attachment === undefined) conversation.end();
  else await converse(conversation, attachment, wanted);
}
