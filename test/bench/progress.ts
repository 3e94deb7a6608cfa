import type { WriteStream } from "node:tty";

/** One line on a terminal that is overwritten at each step; nothing anywhere else. */
export interface Progress {
  step(text: string): void;
  /** Removes the line, so that other output can follow. */
  clear(): void;
}

export function progressOn(stream: WriteStream, total: number): Progress {
  let count = 0;
  const begun = performance.now();
  const write = (text: string) => {
    if (stream.isTTY) stream.write(`\r\u001b[K${text.slice(0, (stream.columns || 80) - 1)}`);
  };
  return {
    step(text) {
      count++;
      write(`[${count}/${total}, ${Math.round((performance.now() - begun) / 1000)} s] ${text}`);
    },
    clear: () => write(""),
  };
}
