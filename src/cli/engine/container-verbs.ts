import { printHelp } from "../help.ts";
import type { Io, Verb } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import { createEngineClient, pathOf, type EngineClient } from "#adapters/engine-client/client.ts";
import { asDockerExits } from "./docker-exit.ts";
import { readDockerFlags, type DockerArguments, type DockerFlag } from "./docker-flags.ts";
import { eachOf } from "./each-of.ts";
import { foreground } from "./foreground.ts";
import { HOST_FLAGS, socketPath } from "./host.ts";

/** A verb that does one thing to each container that is named, and prints its name. */
function forEach(
  verb: string,
  flags: Readonly<Record<string, DockerFlag>>,
  work: (client: EngineClient, name: string, args: DockerArguments) => Promise<unknown>,
): Verb {
  return async (argv, io) => {
    const args = readDockerFlags(argv, { ...HOST_FLAGS, ...flags }, { stopAtFirst: false });
    if (args.yes("help")) return printHelp([verb], io);
    if (args.operands.length === 0) throw new UsageError("CONTAINER missing");
    const client = createEngineClient(await socketPath(args, io));
    return eachOf(args.operands, io, async (name) => {
      await work(client, name, args);
      io.stdout.write(`${name}\n`);
    });
  };
}

/** `berth stop` */
export const stop = forEach(
  "stop",
  { time: { kind: "text", short: "t" }, timeout: { kind: "text" }, signal: { kind: "text", short: "s" } },
  (client, name, { text }) =>
    client.call(
      "POST",
      pathOf(["containers", name, "stop"], { t: text("time") ?? text("timeout"), signal: text("signal") }),
    ),
);

/** `berth rm` */
export const rm = forEach(
  "rm",
  { force: { kind: "yes", short: "f" }, volumes: { kind: "yes", short: "v" } },
  (client, name, { yes }) =>
    client.call("DELETE", pathOf(["containers", name], { force: yes("force"), v: yes("volumes") })),
);

const START_FLAGS = {
  attach: { kind: "yes", short: "a" },
  interactive: { kind: "yes", short: "i" },
  "detach-keys": { kind: "text" },
} as const satisfies Record<string, DockerFlag>;

const startThem = forEach("start", START_FLAGS, (client, name) =>
  client.call("POST", pathOf(["containers", name, "start"])),
);

/** `berth start`; with -a or -i it ends as the container does. */
export async function start(argv: readonly string[], io: Io): Promise<number> {
  const args = readDockerFlags(argv, { ...HOST_FLAGS, ...START_FLAGS }, { stopAtFirst: false });
  if (args.yes("help") || (!args.yes("attach") && !args.yes("interactive"))) return startThem(argv, io);
  return asDockerExits("start", io, async () => {
    const [name, ...more] = args.operands;
    if (name === undefined || more.length > 0) throw new UsageError("one CONTAINER can be attached to");
    const client = createEngineClient(await socketPath(args, io));
    const { Id, Config, HostConfig } = await client.call<{
      Id: string;
      Config: { Tty: boolean };
      HostConfig: { AutoRemove: boolean };
    }>("GET", pathOf(["containers", name, "json"]));
    return foreground(client, Id, {
      stdin: args.yes("interactive"),
      tty: Config.Tty,
      removes: HostConfig.AutoRemove,
      detachKeys: args.text("detach-keys"),
      io,
    });
  });
}
