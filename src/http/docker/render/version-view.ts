import type { EngineInfo } from "../needs.ts";
import { oldest } from "../api-version.ts";

/** Docker Engine API "SystemVersion". @param newest minor version that is spoken */
export function versionView(info: EngineInfo, newest: number): object {
  const { version, facts, kernel } = info;
  const about = {
    ApiVersion: `1.${newest}`,
    MinAPIVersion: `1.${oldest}`,
    GitCommit: "",
    GoVersion: "",
    Os: "linux",
    Arch: facts.architecture,
    KernelVersion: kernel,
  };
  return {
    Platform: { Name: "Berth" },
    Components: [
      {
        Name: "Engine",
        Version: version,
        Details: {
          ApiVersion: about.ApiVersion,
          Arch: about.Arch,
          Experimental: "false",
          KernelVersion: kernel,
          MinAPIVersion: about.MinAPIVersion,
          Os: about.Os,
        },
      },
      { Name: facts.name, Version: facts.version, Details: { GitCommit: "" } },
    ],
    Version: version,
    ...about,
    BuildTime: "",
  };
}
