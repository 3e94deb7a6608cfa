import type { Attachment, OutputChunk } from "#core/engine/output.ts";
import type { Conversation } from "./open-conversation.ts";
import { createDetachWatch } from "./detach-keys.ts";
import { frame } from "./frames.ts";

export interface Wanted {
  /** Bytes go raw. */
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** Typed at a terminal, they leave it. */
  detachKeys: Buffer;
}

/**
 * Carries a process' streams to the client and its input to the process, until the output has ended or the client has
 * left. The end of the client's side ends stdin and nothing else; a terminal has no such end, there it is a leave.
 */
export async function converse(
  conversation: Conversation,
  attachment: Attachment,
  wanted: Wanted,
): Promise<void> {
  const { left } = conversation;
  const vanish = () => {
    // Who vanishes without a terminal won't say any more; one may come back to a terminal.
    if (wanted.stdin && !wanted.tty && conversation.input !== undefined) attachment.endInput();
    attachment.close();
  };
  if (left.aborted) vanish();
  left.addEventListener("abort", vanish, { once: true });
  const over = new AbortController();
  void carryInput(conversation, attachment, wanted, over.signal);
  let listening = true;
  try {
    for await (const chunk of attachment.output) {
      listening = await say(conversation, chunk, wanted);
      if (!listening) break;
    }
  } finally {
    left.removeEventListener("abort", vanish);
    over.abort();
    if (listening) attachment.close();
    else vanish();
    conversation.end();
  }
}

/** Writes one chunk in its form. False: the client has left. */
export async function say(
  { output }: Conversation,
  { stream, data }: OutputChunk,
  { tty, stdout, stderr }: Pick<Wanted, "tty" | "stdout" | "stderr">,
): Promise<boolean> {
  // A terminal has one stream.
  if (data.length === 0 || (tty ? !(stdout || stderr) : !(stream === "stdout" ? stdout : stderr)))
    return true;
  return output.write(tty ? data : frame(stream, data));
}

async function carryInput(
  { input, left }: Conversation,
  attachment: Attachment,
  { stdin, tty, detachKeys }: Wanted,
  over: AbortSignal,
): Promise<void> {
  if (input === undefined) return;
  const watch = createDetachWatch(detachKeys);
  try {
    for await (const data of input) {
      if (!stdin || over.aborted) continue;
      const typed = tty ? watch(data) : { input: data, left: false };
      if (typed.input.length > 0) await attachment.write(typed.input);
      if (typed.left) {
        attachment.close();
        return;
      }
    }
    if (!stdin || left.aborted || over.aborted) return;
    if (tty) attachment.close();
    else attachment.endInput();
  } catch {
    // The connection broke: its "close" leaves the attachment.
  }
}
