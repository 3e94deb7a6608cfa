import type { Io } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import type { DockerArguments } from "./docker-flags.ts";
import { readEnv } from "./environment.ts";
import { readMounts } from "./mounts.ts";
import { readPublished } from "./published.ts";
import { dockerSize } from "./sizes.ts";

/** The body of `POST /containers/create` that the flags of `berth run` mean. Docker Engine API "ContainerCreate". */
export async function createBody(args: DockerArguments, io: Io): Promise<Record<string, unknown>> {
  const { yes, text, list } = args;
  const [image, ...command] = args.operands;
  const foreground = !yes("detach");
  const { exposed, bindings } = readPublished(list("publish"));
  const { Volumes, ...mounts } = readMounts(
    { volumes: list("volume"), mounts: list("mount"), tmpfs: list("tmpfs") },
    io.cwd,
  );
  const entrypoint = text("entrypoint");
  const network = text("network") ?? text("net") ?? "default";
  const aliases = list("network-alias");
  return {
    Image: image,
    ...(command.length > 0 && { Cmd: command }),
    ...(entrypoint !== undefined && { Entrypoint: [entrypoint] }),
    Hostname: text("hostname") ?? "",
    User: text("user") ?? "",
    WorkingDir: text("workdir") ?? "",
    Env: await readEnv(list("env"), list("env-file"), io),
    Labels: Object.fromEntries(list("label").map(labelOf)),
    Tty: yes("tty"),
    OpenStdin: yes("interactive"),
    StdinOnce: yes("interactive") && foreground,
    AttachStdin: yes("interactive") && foreground,
    AttachStdout: foreground,
    AttachStderr: foreground,
    ExposedPorts: exposed,
    Volumes,
    ...(text("stop-signal") !== undefined && { StopSignal: text("stop-signal") }),
    ...(text("stop-timeout") !== undefined && {
      StopTimeout: numberOf("--stop-timeout", text("stop-timeout")),
    }),
    HostConfig: {
      ...mounts,
      PortBindings: bindings,
      PublishAllPorts: yes("publish-all"),
      NetworkMode: network,
      AutoRemove: yes("rm"),
      RestartPolicy: restartPolicy(text("restart") ?? "no"),
      Memory: sizeOf("--memory", text("memory")),
      NanoCpus: Math.round(numberOf("--cpus", text("cpus")) * 1e9),
      PidsLimit: numberOf("--pids-limit", text("pids-limit")),
      ShmSize: sizeOf("--shm-size", text("shm-size")),
      ...(yes("init") && { Init: true }),
      Privileged: yes("privileged"),
      CapAdd: list("cap-add"),
      CapDrop: list("cap-drop"),
      SecurityOpt: list("security-opt"),
      ReadonlyRootfs: yes("read-only"),
      ExtraHosts: list("add-host"),
      Dns: list("dns"),
    },
    ...(aliases.length > 0 && { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: aliases } } } }),
  };
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function restartPolicy(text: string): { Name: string; MaximumRetryCount: number } {
  const [name = "", most] = text.split(":");
  return { Name: name, MaximumRetryCount: numberOf("--restart", most) };
}

function sizeOf(flag: string, text: string | undefined): number {
  return text === undefined ? 0 : dockerSize(text, flag);
}

function numberOf(flag: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const number = Number(text);
  if (text !== "" && Number.isFinite(number)) return number;
  throw new UsageError(`${flag} "${text}" is not a number`);
}
