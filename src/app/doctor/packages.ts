import { findProgram } from "#kit/find-program.ts";

/** Package managers by their program, with the line that installs. */
const managers = [
  ["apt-get", "apt-get install -y"],
  ["dnf", "dnf install -y"],
  ["apk", "apk add"],
  ["pacman", "pacman -S --noconfirm"],
  ["zypper", "zypper install -y"],
] as const;

export type PackageManager = (typeof managers)[number][0];

/** What a package is called where its name isn't Debian's. */
export type PackageNames = { debian: string } & Partial<Record<Exclude<PackageManager, "apt-get">, string>>;

/** The line that installs a package on this machine: `apt-get install -y conmon`. */
export function installLine(names: PackageNames): string {
  for (const [program, line] of managers) {
    if (findProgram(program) === undefined) continue;
    return `${line} ${program === "apt-get" ? names.debian : (names[program] ?? names.debian)}`;
  }
  return `install the package ${names.debian}`;
}
