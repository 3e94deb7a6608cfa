import { resolve } from "node:path";
import { UsageError } from "../usage-error.ts";

export interface Mounts {
  Binds: string[];
  Volumes: Record<string, Record<string, never>>;
  Mounts: Record<string, unknown>[];
  Tmpfs: Record<string, string>;
}

/** `-v`, `--mount` and `--tmpfs`. @param cwd of `./folder:/data` */
export function readMounts(
  { volumes, mounts, tmpfs }: { volumes: string[]; mounts: string[]; tmpfs: string[] },
  cwd: string,
): Mounts {
  const read: Mounts = {
    Binds: [],
    Volumes: {},
    Mounts: mounts.map((text) => readMount(text, cwd)),
    Tmpfs: {},
  };
  for (const text of volumes) {
    const [source = "", ...rest] = text.split(":");
    if (rest.length === 0) read.Volumes[source] = {};
    else
      read.Binds.push(
        [/^\.{0,2}\/|^\.{1,2}$/.test(source) ? resolve(cwd, source) : source, ...rest].join(":"),
      );
  }
  for (const text of tmpfs) {
    const [path = "", ...options] = text.split(":");
    read.Tmpfs[path] = options.join(":");
  }
  return read;
}

/** `type=bind,source=/a,target=/b,readonly` */
function readMount(text: string, cwd: string): Record<string, unknown> {
  const mount: Record<string, unknown> = { Type: "volume" };
  const into = (section: string, name: string, value: unknown) =>
    (mount[section] = { ...(mount[section] as object | undefined), [name]: value });
  for (const part of text.split(",")) {
    const [name = "", ...rest] = part.split("=");
    const value = rest.join("=");
    const yes = rest.length === 0 || value === "true" || value === "1";
    switch (name.toLowerCase()) {
      case "type":
        mount.Type = value;
        break;
      case "source":
      case "src":
        mount.Source = value;
        break;
      case "target":
      case "dst":
      case "destination":
        mount.Target = value;
        break;
      case "readonly":
      case "ro":
        mount.ReadOnly = yes;
        break;
      case "bind-propagation":
        into("BindOptions", "Propagation", value);
        break;
      case "volume-nocopy":
        into("VolumeOptions", "NoCopy", yes);
        break;
      case "tmpfs-size":
        into("TmpfsOptions", "SizeBytes", Number(value));
        break;
      case "tmpfs-mode":
        into("TmpfsOptions", "Mode", Number.parseInt(value, 8));
        break;
      default:
        throw new UsageError(`--mount "${text}": unknown key "${name}"`);
    }
  }
  if (mount.Target === undefined) throw new UsageError(`--mount "${text}" lacks target=`);
  if (mount.Type === "bind" && typeof mount.Source === "string") mount.Source = resolve(cwd, mount.Source);
  return mount;
}
