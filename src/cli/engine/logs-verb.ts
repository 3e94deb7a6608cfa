import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import { createEngineClient, pathOf } from "#adapters/engine-client/client.ts";
import { putOutput } from "./demultiplex.ts";
import { readDockerFlags, type DockerFlag } from "./docker-flags.ts";
import { HOST_FLAGS, socketPath } from "./host.ts";

const FLAGS = {
  ...HOST_FLAGS,
  follow: { kind: "yes", short: "f" },
  timestamps: { kind: "yes", short: "t" },
  tail: { kind: "text", short: "n" },
  since: { kind: "text" },
  until: { kind: "text" },
} as const satisfies Record<string, DockerFlag>;

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `berth logs CONTAINER` */
export async function logs(argv: readonly string[], io: Io): Promise<number> {
  const args = readDockerFlags(argv, FLAGS, { stopAtFirst: false });
  if (args.yes("help")) return printHelp(["logs"], io);
  const [name, ...more] = args.operands;
  if (name === undefined || more.length > 0) throw new UsageError("one CONTAINER is needed");
  const client = createEngineClient(await socketPath(args, io));
  const { Config } = await client.call<{ Config: { Tty: boolean } }>(
    "GET",
    pathOf(["containers", name, "json"]),
  );
  const body = await client.open(
    "GET",
    pathOf(["containers", name, "logs"], {
      stdout: 1,
      stderr: 1,
      follow: args.yes("follow") ? 1 : 0,
      timestamps: args.yes("timestamps") ? 1 : 0,
      tail: args.text("tail"),
      since: momentOf(args.text("since")),
      until: momentOf(args.text("until")),
    }),
  );
  await putOutput(body, Config.Tty, io);
  return EXIT.ok;
}

/** Unix seconds of `10m`, `1h30m`, `2026-01-01T00:00:00Z` or seconds themselves. */
function momentOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d+(\.\d+)?$/.test(text)) return text;
  if (/^(\d+[smhd])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([smhd])/g)];
    const ago = parts.reduce((sum, [, number, unit = "s"]) => sum + Number(number) * (units[unit] ?? 1), 0);
    return (Date.now() / 1000 - ago).toFixed(3);
  }
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new UsageError(`"${text}" is not a time; write such as 10m or 2026-01-01T00:00:00Z`);
  return (at / 1000).toFixed(3);
}
