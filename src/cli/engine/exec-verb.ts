import { printHelp } from "../help.ts";
import type { Io } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import { join, resizer } from "./attached.ts";
import { createEngineClient, pathOf } from "#adapters/engine-client/client.ts";
import { usualDetachKeys } from "./detach-keys.ts";
import { asDockerExits } from "./docker-exit.ts";
import { readDockerFlags, type DockerFlag } from "./docker-flags.ts";
import { readEnv } from "./environment.ts";
import { HOST_FLAGS, socketPath } from "./host.ts";

const FLAGS = {
  ...HOST_FLAGS,
  detach: { kind: "yes", short: "d" },
  interactive: { kind: "yes", short: "i" },
  tty: { kind: "yes", short: "t" },
  env: { kind: "list", short: "e" },
  "env-file": { kind: "list" },
  user: { kind: "text", short: "u" },
  workdir: { kind: "text", short: "w" },
  privileged: { kind: "yes" },
  "detach-keys": { kind: "text" },
} as const satisfies Record<string, DockerFlag>;

/** `berth exec CONTAINER COMMAND …`: ends with the command's exit code. */
export async function exec(argv: readonly string[], io: Io): Promise<number> {
  return asDockerExits("exec", io, async () => {
    const args = readDockerFlags(argv, FLAGS, { stopAtFirst: true });
    if (args.yes("help")) return printHelp(["exec"], io);
    const [container, ...command] = args.operands;
    if (container === undefined || command.length === 0)
      throw new UsageError("CONTAINER and COMMAND are needed");
    const [tty, stdin, detached] = [args.yes("tty"), args.yes("interactive"), args.yes("detach")];
    if (tty && stdin && !detached && io.stdin?.isTTY !== true)
      throw new UsageError("the input device is not a TTY");
    const client = createEngineClient(await socketPath(args, io));
    const { Id } = await client.call<{ Id: string }>("POST", pathOf(["containers", container, "exec"]), {
      Cmd: command,
      Tty: tty,
      AttachStdin: stdin && !detached,
      AttachStdout: !detached,
      AttachStderr: !detached,
      Env: await readEnv(args.list("env"), args.list("env-file"), io),
      User: args.text("user") ?? "",
      WorkingDir: args.text("workdir") ?? "",
      Privileged: args.yes("privileged"),
    });
    const start = pathOf(["exec", Id, "start"]);
    if (detached) {
      await client.call("POST", start, { Detach: true, Tty: tty });
      return 0;
    }
    const detachKeys = args.text("detach-keys") ?? usualDetachKeys;
    const joined = join(
      await client.hijack(start, { Detach: false, Tty: tty }),
      { stdin, tty, detachKeys },
      io,
    );
    joined.followSize(resizer(client, "exec", Id));
    if ((await joined.ended) === "detached") return 0;
    return (
      (await client.call<{ ExitCode: number | null }>("GET", pathOf(["exec", Id, "json"]))).ExitCode ?? 0
    );
  });
}
