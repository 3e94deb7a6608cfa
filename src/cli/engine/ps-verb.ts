import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import { createEngineClient, pathOf } from "#adapters/engine-client/client.ts";
import { ago, columns } from "./columns.ts";
import { readDockerFlags, type DockerFlag } from "./docker-flags.ts";
import { HOST_FLAGS, socketPath } from "./host.ts";

const FLAGS = {
  ...HOST_FLAGS,
  all: { kind: "yes", short: "a" },
  quiet: { kind: "yes", short: "q" },
  "no-trunc": { kind: "yes" },
  filter: { kind: "list", short: "f" },
  json: { kind: "yes" },
} as const satisfies Record<string, DockerFlag>;

interface Listed {
  Id: string;
  Names: string[];
  Image: string;
  Command: string;
  Created: number;
  Status: string;
  Ports?: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[] | null;
}

/** `berth ps` */
export async function ps(argv: readonly string[], io: Io): Promise<number> {
  const args = readDockerFlags(argv, FLAGS, { stopAtFirst: false });
  if (args.yes("help")) return printHelp(["ps"], io);
  if (args.operands.length > 0) throw new UsageError(`unexpected argument "${args.operands[0]}"`);
  const filters: Record<string, string[]> = {};
  for (const one of args.list("filter")) {
    const [name = "", ...value] = one.split("=");
    (filters[name] ??= []).push(value.join("="));
  }
  const client = createEngineClient(await socketPath(args, io));
  const list = await client.call<Listed[]>(
    "GET",
    pathOf(["containers", "json"], { all: args.yes("all") ? 1 : 0, filters: JSON.stringify(filters) }),
  );
  const whole = args.yes("no-trunc");
  const idOf = ({ Id }: Listed) => (whole ? Id : Id.slice(0, 12));
  if (args.yes("json")) io.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
  else if (args.yes("quiet")) for (const one of list) io.stdout.write(`${idOf(one)}\n`);
  else
    io.stdout.write(
      columns(
        ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"],
        list.map((one) => [
          idOf(one),
          one.Image,
          JSON.stringify(!whole && one.Command.length > 20 ? `${one.Command.slice(0, 19)}…` : one.Command),
          ago(one.Created),
          one.Status,
          portsOf(one),
          one.Names.map((name) => name.replace(/^\//, "")).join(","),
        ]),
      ),
    );
  return EXIT.ok;
}

function portsOf({ Ports }: Listed): string {
  return (Ports ?? [])
    .map(({ IP, PrivatePort, PublicPort, Type }) => {
      const inside = `${PrivatePort}/${Type}`;
      if (PublicPort === undefined) return inside;
      return `${IP?.includes(":") === true ? `[${IP}]` : (IP ?? "")}:${PublicPort}->${inside}`;
    })
    .join(", ");
}
