import { AppError } from "#core/errors.ts";

/** Flags of mount(8), each with what it undoes. */
const opposites: Readonly<Record<string, string>> = {
  ro: "rw",
  suid: "nosuid",
  dev: "nodev",
  exec: "noexec",
  async: "sync",
  dirsync: "",
  mand: "nomand",
  atime: "noatime",
  diratime: "nodiratime",
  relatime: "norelatime",
  strictatime: "nostrictatime",
  defaults: "",
  bind: "",
  rbind: "",
  private: "",
  rprivate: "",
  shared: "",
  rshared: "",
  slave: "",
  rslave: "",
  unbindable: "",
  runbindable: "",
};
const flags: ReadonlyMap<string, string> = new Map([
  ...Object.entries(opposites),
  ...Object.entries(opposites).flatMap(([one, other]): [string, string][] =>
    other === "" ? [] : [[other, one]],
  ),
]);
const settings = new Set(["mode", "uid", "gid", "size", "nr_blocks", "nr_inodes", "mpol"]);
const standard = ["noexec", "nosuid", "nodev", "rprivate"];

/**
 * `size=1m,exec` → what mount(8) is given: docker's own options, where the client didn't say otherwise. Throws
 * engine-invalid, in docker's words.
 */
export function tmpfsOptions(text: string): string[] {
  const chosen = new Map<string, string>(standard.map((flag) => [flag, flag]));
  for (const option of text.split(",").filter((part) => part !== "")) {
    const at = option.indexOf("=");
    const name = at < 0 ? option : option.slice(0, at);
    const opposite = at < 0 ? flags.get(name) : undefined;
    if (at < 0 ? opposite === undefined : !settings.has(name) || option.length === at + 1) {
      const shown = (at < 0 ? [option] : [name, option.slice(at + 1)]).map((part) => JSON.stringify(part));
      throw new AppError("engine-invalid", `invalid tmpfs option [${shown.join(" ")}]`);
    }
    if (opposite !== undefined && opposite !== "") chosen.delete(opposite);
    // The last of a name counts, in its own place.
    chosen.delete(name);
    chosen.set(name, option);
  }
  return [...chosen.values()];
}
