import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import type { ContainersParts } from "./parts.ts";

/**
 * Notes what was asked of a container that is to end or to go. A full disk is no reason not to do it: who fills the disk
 * could never be stopped else. The engine's next process may then not know of it.
 */
export async function saveIfRoom(
  { book, report }: Pick<ContainersParts, "book" | "report">,
  record: ContainerRecord,
  lasting: boolean,
): Promise<void> {
  try {
    await book.save(record, lasting);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "storage-full") throw error;
    report(error, `what was asked of container ${record.id} isn't recorded`);
  }
}
