/** Where a value, or a fault, comes from. */
export type Origin =
  | { from: "default" }
  | { from: "file"; file: string; line: number | undefined }
  | { from: "env"; variable: string }
  | { from: "flag"; flag: string };

/** One thing that is wrong with the configuration. */
export interface Fault {
  /** Path of the key, `limits.manifest_size`; empty when the fault is about the whole file. */
  key: string;
  /** What is wrong and what to write instead; may have several lines. */
  message: string;
  origin: Origin;
}

/** `berth.yaml line 12`, `BERTH_DATA`, `--data`, `default`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.from) {
    case "default":
      return "default";
    case "file":
      return origin.line === undefined ? origin.file : `${origin.file} line ${origin.line}`;
    case "env":
      return origin.variable;
    case "flag":
      return origin.flag;
  }
}

/** One fault as text: `limits.manifest_size (berth.yaml line 12): …`. */
export function formatFault({ key, message, origin }: Fault): string {
  if (origin.from === "default") return `${key}: ${message}`;
  const place = formatOrigin(origin);
  return key === "" || key === place ? `${place}: ${message}` : `${key} (${place}): ${message}`;
}
