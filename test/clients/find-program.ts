import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where a program of that name lies: on PATH, where `.ci/install` puts it, or where `go install` does. */
export function findProgram(name: string): string | undefined {
  for (const folder of folders()) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

function folders(): string[] {
  const { PATH = "", CLIENT_TOOLS = join(homedir(), ".cache", "berth-tools"), GOBIN } = process.env;
  return [
    ...PATH.split(delimiter).filter((folder) => folder !== ""),
    // Daemons lie here, and a plain user's PATH leaves them out.
    "/usr/sbin",
    "/sbin",
    join(CLIENT_TOOLS, "bin"),
    GOBIN ?? join(homedir(), "go", "bin"),
  ];
}
