import { AppError } from "#core/errors.ts";
import type { TerminalSize } from "#core/engine/monitor.ts";
import type { Query } from "./query.ts";

const most = 0xffff;

/** `h` and `w` of a resize. Throws engine-invalid. */
export function terminalSize(query: Query): TerminalSize {
  const side = (name: string) => {
    const value = query.integer(name);
    if (value === undefined || value < 0 || value > most)
      throw new AppError("engine-invalid", `invalid resize: ${name} must be a number from 0 to ${most}`);
    return value;
  };
  return { rows: side("h"), columns: side("w") };
}
