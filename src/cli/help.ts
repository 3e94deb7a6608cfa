import { didYouMean } from "#config/nearest-name.ts";
import { HELP_TEXTS } from "./help-texts.ts";
import { EXIT, type Io } from "./io.ts";
import { UsageError } from "./usage-error.ts";

/** `berth help`, `berth help VERB`, `berth help environment`. */
export async function printHelp(argv: readonly string[], io: Io): Promise<number> {
  const topic = argv.find((word) => word !== "--help" && word !== "-h") ?? "";
  if (topic === "environment") {
    const { keys } = await import("#config/keys.ts");
    const width = Math.max(...keys.map(({ variable }) => variable.length));
    const lines = keys.map(
      (key) => `  ${key.variable.padEnd(width)}  ${key.name}${key.list === true ? " (list)" : ""}`,
    );
    io.stdout.write(`${HELP_TEXTS.get("environment") ?? ""}${lines.join("\n")}\n`);
    return EXIT.ok;
  }
  const text = HELP_TEXTS.get(topic);
  if (text === undefined) {
    const topics = [...HELP_TEXTS.keys()].filter((name) => name !== "");
    throw new UsageError(
      `no help about "${topic}"${didYouMean(topic, topics) || `; there is ${topics.join(", ")}`}`,
    );
  }
  io.stdout.write(text);
  return EXIT.ok;
}
