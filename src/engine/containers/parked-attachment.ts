import type { Attachment, OutputChunk } from "#core/engine/output.ts";

/** An attachment to a container that hasn't started: it becomes a real one when there is a process. */
export interface ParkedAttachment extends Attachment {
  /** Passes everything on from now on. */
  connect(real: Attachment | undefined): void;
}

/** Bytes of input that may wait for a process. */
const mostWaiting = 1024 * 1024;

export function parkAttachment(onClose: () => void): ParkedAttachment {
  const connected = Promise.withResolvers<Attachment | undefined>();
  let real: Attachment | undefined;
  let settled = false;
  /** There will be no process to read it. */
  let nobody = false;
  let closed = false;
  let inputOver = false;
  let waiting: Uint8Array[] = [];
  let bytes = 0;

  async function* read(): AsyncGenerator<OutputChunk> {
    const attachment = await connected.promise;
    if (attachment !== undefined) yield* attachment.output;
  }

  return {
    output: read(),
    async write(data) {
      if (real !== undefined) return real.write(data);
      if (nobody || closed) return;
      waiting.push(Uint8Array.from(data));
      bytes += data.length;
      // Who sends more than that before there is a process waits for it.
      if (bytes >= mostWaiting && !settled) await connected.promise;
    },
    endInput() {
      inputOver = true;
      real?.endInput();
    },
    close() {
      if (closed) return;
      closed = true;
      onClose();
      real?.close();
      nobody = real === undefined && !settled;
      if (!settled) connected.resolve(undefined);
      settled = true;
    },
    connect(attachment) {
      if (settled) {
        attachment?.close();
        return;
      }
      settled = true;
      void pass(attachment);
    },
  };

  async function pass(attachment: Attachment | undefined): Promise<void> {
    connected.resolve(attachment);
    if (attachment === undefined) {
      nobody = true;
      waiting = [];
      return;
    }
    // In order: what waited comes before what is written now.
    while (waiting.length > 0) {
      const chunks = waiting;
      waiting = [];
      for (const chunk of chunks) await attachment.write(chunk);
    }
    real = attachment;
    if (inputOver) attachment.endInput();
    if (closed) attachment.close();
  }
}
