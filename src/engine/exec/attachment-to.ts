import type { Attachment, OutputChunk } from "#core/engine/output.ts";

/** The attachment, whose output ends only once `ended` has. */
export function attachmentTo(attachment: Attachment, ended: Promise<void>): Attachment {
  async function* output(): AsyncGenerator<OutputChunk> {
    yield* attachment.output;
    await ended;
  }
  return {
    output: output(),
    write: (data) => attachment.write(data),
    endInput: () => attachment.endInput(),
    close: () => attachment.close(),
  };
}
