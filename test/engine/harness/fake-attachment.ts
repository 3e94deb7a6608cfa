import type { Attachment, OutputChunk } from "#core/engine/output.ts";

export interface FakeAttachment extends Attachment {
  say(text: string, stream?: OutputChunk["stream"]): void;
  finish(): void;
  /** What was written to stdin. */
  readonly input: string;
  readonly inputEnded: boolean;
  readonly closed: boolean;
}

/** A process' streams, which the test plays. @param onInput what the process does with its input */
export function fakeAttachment(
  onEvent: (what: "input" | "end" | "close") => void = () => undefined,
): FakeAttachment {
  const waiting: OutputChunk[] = [];
  let over = false;
  let wake: (() => void) | undefined;
  let [input, inputEnded, closed] = ["", false, false];
  const changed = () => {
    wake?.();
    wake = undefined;
  };
  return {
    get input() {
      return input;
    },
    get inputEnded() {
      return inputEnded;
    },
    get closed() {
      return closed;
    },
    say(text, stream = "stdout") {
      waiting.push({ stream, data: Buffer.from(text) });
      changed();
    },
    finish() {
      over = true;
      changed();
    },
    output: (async function* () {
      for (;;) {
        const chunk = waiting.shift();
        if (chunk !== undefined) yield chunk;
        else if (over) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    })(),
    async write(data) {
      input += Buffer.from(data).toString("latin1");
      onEvent("input");
    },
    endInput() {
      inputEnded = true;
      onEvent("end");
    },
    close() {
      closed = true;
      over = true;
      changed();
      onEvent("close");
    },
  };
}
