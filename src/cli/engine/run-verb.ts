import { printHelp } from "../help.ts";
import type { Io } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import { createEngineClient, pathOf, type EngineClient } from "#adapters/engine-client/client.ts";
import { createBody } from "./create-body.ts";
import { asDockerExits } from "./docker-exit.ts";
import { readDockerFlags, type DockerArguments } from "./docker-flags.ts";
import { foreground } from "./foreground.ts";
import { socketPath } from "./host.ts";
import { pullImage } from "./pull-image.ts";
import { Refusal } from "#adapters/engine-client/refusal.ts";
import { RUN_FLAGS } from "./run-flags.ts";

/** `berth run`: create, attach, wait, start, in docker's order; ends with the container's exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  return asDockerExits("run", io, async () => {
    // With anything beside it, -h is the host name.
    if (argv.length === 1 && argv[0] === "-h") return printHelp(["run"], io);
    const args = readDockerFlags(argv, RUN_FLAGS, { stopAtFirst: true });
    if (args.yes("help")) return printHelp(["run"], io);
    if (args.operands.length === 0) throw new UsageError("IMAGE missing");
    const pull = args.text("pull") ?? "missing";
    if (!["always", "missing", "never"].includes(pull))
      throw new UsageError(`--pull "${pull}": write always, missing or never`);
    if (args.yes("tty") && args.yes("interactive") && !args.yes("detach") && io.stdin?.isTTY !== true)
      throw new UsageError("the input device is not a TTY");
    const client = createEngineClient(await socketPath(args, io));
    const id = await create(client, args, pull, io);
    if (args.yes("detach")) {
      await client.call("POST", pathOf(["containers", id, "start"]));
      io.stdout.write(`${id}\n`);
      return 0;
    }
    return foreground(client, id, {
      stdin: args.yes("interactive"),
      tty: args.yes("tty"),
      removes: args.yes("rm"),
      detachKeys: args.text("detach-keys"),
      io,
    });
  });
}

async function create(client: EngineClient, args: DockerArguments, pull: string, io: Io): Promise<string> {
  const [image = ""] = args.operands;
  const platform = args.text("platform");
  const path = pathOf(["containers", "create"], { name: args.text("name"), platform });
  const body = await createBody(args, io);
  const ask = () => client.call<{ Id: string; Warnings?: string[] | null }>("POST", path, body);
  const fetch = () => pullImage(client, image, { platform, to: io.stderr }, io);
  if (pull === "always") await fetch();
  const { Id, Warnings } = await ask().catch(async (error: unknown) => {
    // A 404 of create always means that the image isn't there.
    if (!(error instanceof Refusal) || error.status !== 404 || pull !== "missing") throw error;
    io.stderr.write(`Unable to find image '${image}' locally\n`);
    await fetch();
    return ask();
  });
  for (const warning of Warnings ?? []) io.stderr.write(`WARNING: ${warning}\n`);
  return Id;
}
