import type { ContainerConfig } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { ImageDefaults } from "#oci/image-config.ts";
import { cleanPath } from "../clean-path.ts";
import { parseSignal } from "../signals.ts";
import { textMapOf, textOf, textsOf } from "./image-values.ts";
import type { JsonFields } from "./json-fields.ts";
import { mergeCommand, mergeEnv, mergeHealth, mergeVolumes } from "./merge-image.ts";
import { readHealth } from "./read-health.ts";
import { imagePorts, parsePorts } from "./read-ports.ts";

/** sethostname(2). */
const longestHostname = 64;
const hostnamePattern = /^[^\s\p{C}/]+$/u;

/** The container's own half of a create body, with what its image says where the client left it open. */
export function readConfig(fields: JsonFields, image: ImageDefaults): ContainerConfig {
  const command = mergeCommand({ entrypoint: fields.words("Entrypoint"), cmd: fields.words("Cmd") }, image);
  const config: ContainerConfig = {
    Hostname: hostname(fields.text("Hostname"), "hostname"),
    Domainname: hostname(fields.text("Domainname"), "domain name"),
    User: fields.text("User") || textOf(image.User),
    AttachStdin: fields.flag("AttachStdin"),
    AttachStdout: fields.flag("AttachStdout"),
    AttachStderr: fields.flag("AttachStderr"),
    Tty: fields.flag("Tty"),
    OpenStdin: fields.flag("OpenStdin"),
    StdinOnce: fields.flag("StdinOnce"),
    Env: mergeEnv(checkEnv(fields.texts("Env")), image),
    Cmd: command.cmd,
    Image: fields.text("Image"),
    ...mergeVolumes(fields.keys("Volumes"), image),
    WorkingDir: workingDir(fields.text("WorkingDir"), textOf(image.WorkingDir)),
    Entrypoint: command.entrypoint,
    OnBuild: null,
    Labels: { ...textMapOf(image.Labels), ...fields.textMap("Labels") },
  };
  const ports = new Set([
    ...fields.keys("ExposedPorts").flatMap(parsePorts),
    ...imagePorts(image.ExposedPorts),
  ]);
  if (ports.size > 0) config.ExposedPorts = Object.fromEntries([...ports].map((port) => [port, {}]));
  const health = mergeHealth(readHealth(fields.object("Healthcheck")), image.Healthcheck);
  if (health !== undefined) config.Healthcheck = health;
  if (fields.flag("NetworkDisabled")) config.NetworkDisabled = true;
  const stopSignal = fields.text("StopSignal") || textOf(image.StopSignal);
  if (stopSignal !== "") {
    parseSignal(stopSignal);
    config.StopSignal = stopSignal;
  }
  if (fields.has("StopTimeout")) config.StopTimeout = fields.whole("StopTimeout");
  const shell = fields.words("Shell") ?? textsOf(image.Shell) ?? [];
  if (shell.length > 0) config.Shell = shell;
  return config;
}

function hostname(name: string, what: string): string {
  if (name !== "" && (!hostnamePattern.test(name) || Buffer.byteLength(name) > longestHostname))
    throw new AppError("engine-invalid", `invalid ${what}: ${name}`);
  return name;
}

/** Only what the client wrote: what images have is mended. */
function checkEnv(env: string[]): string[] {
  for (const entry of env)
    if (entry === "" || entry.startsWith("="))
      throw new AppError("engine-invalid", `invalid environment variable: ${entry}`);
  return env;
}

function workingDir(written: string, image: string): string {
  const path = written || image;
  if (path !== "" && !path.startsWith("/"))
    throw new AppError(
      "engine-invalid",
      `the working directory '${path}' is invalid, it needs to be an absolute path`,
    );
  return path === "" ? "" : cleanPath(path);
}
