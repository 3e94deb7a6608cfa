import type { Io, Output } from "../io.ts";

const CODES = { bold: 1, red: 31, yellow: 33 } as const;

/** The text in colour where a terminal shows it and NO_COLOR does not forbid it. */
export function paint(
  style: keyof typeof CODES,
  text: string,
  output: Output,
  { env }: Pick<Io, "env">,
): string {
  if (output.isTTY !== true || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return text;
  return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}
