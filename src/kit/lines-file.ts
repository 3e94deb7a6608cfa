import { constants } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";

const { O_APPEND, O_CREAT, O_RDWR } = constants;
const newline = 0x0a;

/**
 * A file that lines are added to and that others may rotate away: when the name leads to another file by
 * then, or to none, it is opened (or made, 0600) again. A line that a crash left half written is ended first,
 * so that it spoils no other. Not for two calls of `append` at the same time.
 */
export class LinesFile implements AsyncDisposable {
  readonly #path: string;
  #handle: FileHandle | undefined;

  /** @param path absolute; its folder must exist. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Opens the file, made when it isn't there. Throws what the file system says. */
  async open(): Promise<void> {
    await this.#current();
  }

  /**
   * Adds lines, each without its end; durable when it resolves. Throws what the file system says; then some
   * of the lines may be there.
   */
  async append(lines: readonly string[]): Promise<void> {
    try {
      const handle = await this.#current();
      await handle.appendFile(lines.map((line) => `${line}\n`).join(""));
      await handle.datasync();
    } catch (error) {
      // The next call looks at the end of the file again.
      await this.#close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #current(): Promise<FileHandle> {
    if (this.#handle && !(await this.#isNamed(this.#handle))) await this.#close();
    return (this.#handle ??= await openLines(this.#path));
  }

  async #isNamed(handle: FileHandle): Promise<boolean> {
    const mine = await handle.stat({ bigint: true });
    const named = await stat(this.#path, { bigint: true }).catch(() => undefined);
    return named?.ino === mine.ino && named.dev === mine.dev;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

async function openLines(path: string): Promise<FileHandle> {
  const handle = await open(path, O_RDWR | O_APPEND | O_CREAT, 0o600);
  try {
    const facts = await handle.stat();
    if (facts.isFile() && facts.size > 0) {
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, facts.size - 1);
      if (buffer[0] !== newline) await handle.appendFile("\n");
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
