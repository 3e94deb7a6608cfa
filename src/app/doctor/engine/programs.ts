import type { EngineConfig } from "#config/config.ts";
import type { Finding } from "../finding.ts";
import { findProgram } from "#kit/find-program.ts";
import { installLine, type PackageNames } from "../packages.ts";

interface Wanted {
  /** Any of them will do. */
  programs: readonly string[];
  /** What it does for the engine. */
  what: string;
  package: PackageNames;
  /** Without it something works less well; without this nothing does. */
  without?: string;
}

const parts: readonly Wanted[] = [
  { programs: ["conmon"], what: "keeps containers while the engine restarts", package: { debian: "conmon" } },
  {
    programs: ["ip"],
    what: "makes networks",
    package: { debian: "iproute2", dnf: "iproute" },
  },
  { programs: ["iptables"], what: "publishes ports", package: { debian: "iptables" } },
  { programs: ["iptables-restore"], what: "publishes ports", package: { debian: "iptables" } },
  {
    programs: ["perl"],
    what: "attaches to containers",
    package: { debian: "perl-base", dnf: "perl-interpreter", apk: "perl", pacman: "perl", zypper: "perl" },
  },
  { programs: ["tar"], what: "unpacks layers", package: { debian: "tar" } },
  {
    programs: ["mount"],
    what: "mounts file systems",
    package: {
      debian: "mount",
      dnf: "util-linux",
      apk: "util-linux",
      pacman: "util-linux",
      zypper: "util-linux",
    },
  },
  {
    programs: ["umount"],
    what: "unmounts them",
    package: { debian: "mount", dnf: "util-linux", apk: "util-linux" },
  },
  { programs: ["nsenter"], what: "reaches containers' networks", package: { debian: "util-linux" } },
  {
    programs: ["tini-static", "catatonit"],
    what: "is `docker run --init`",
    package: {
      debian: "tini",
      dnf: "tini-static",
      apk: "tini-static",
      pacman: "catatonit",
      zypper: "catatonit",
    },
    without: "docker run --init doesn't work",
  },
];

/** The programs that the engine runs, and those that are lacking with their package. */
export async function programFindings({ runtime, init }: EngineConfig): Promise<Finding[]> {
  const runtimes = runtime === "auto" ? ["crun", "runc"] : [runtime];
  const all: Wanted[] = [
    { programs: runtimes, what: "runs containers", package: { debian: runtimes[0] ?? "crun" } },
    // A program of one's own is looked for by who starts it.
    ...parts.filter(({ programs }) => init === undefined || !programs.includes("tini-static")),
  ];
  return all.map(look);
}

function look({ programs, what, package: names, without }: Wanted): Finding {
  const name = programs.join(" or ");
  const found = programs.map(findProgram).find((path) => path !== undefined);
  if (found !== undefined) return { name, state: "fine", message: found };
  return {
    name,
    state: without === undefined ? "missing" : "poor",
    message: without ?? `isn't installed; it ${what}`,
    cure: installLine(names),
  };
}
