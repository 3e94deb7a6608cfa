import type { Book } from "./book.ts";

/**
 * Looks at a container's files. Where that fails, once more when the work on the container is through: it may have been
 * about to be made. Throws engine-missing where it is gone.
 */
export async function lookAgain<T>(
  book: Pick<Book, "find" | "locked">,
  id: string,
  look: () => Promise<T>,
): Promise<T> {
  try {
    return await look();
  } catch {
    await book.locked(id, () => Promise.resolve());
    book.find(id);
    return look().catch((error: unknown) => {
      book.find(id);
      throw error;
    });
  }
}
