import { AppError } from "#core/errors.ts";
import { parseSeccompProfile, type SeccompProfile } from "./seccomp-format.ts";

/** `--security-opt`, settled. */
export interface SecurityOptions {
  noNewPrivileges: boolean;
  seccomp: "default" | "unconfined" | SeccompProfile;
  /** A profile's name, `unconfined`; undefined: docker's choice. */
  appArmor: string | undefined;
  /** Nothing of /proc and /sys is hidden. */
  systemPathsOpen: boolean;
}

/** Throws engine-invalid, in docker's words. */
export function readSecurityOptions(options: readonly string[]): SecurityOptions {
  const read: SecurityOptions = {
    noNewPrivileges: false,
    seccomp: "default",
    appArmor: undefined,
    systemPathsOpen: false,
  };
  for (const option of options) {
    const invalid = (number: number) =>
      new AppError("engine-invalid", `invalid --security-opt ${number}: ${JSON.stringify(option)}`);
    if (option === "no-new-privileges") {
      read.noNewPrivileges = true;
      continue;
    }
    if (option === "disable") continue;
    // The colon is the older form.
    const [, key = "", value = ""] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    switch (key) {
      case "":
        throw invalid(1);
      case "no-new-privileges":
        if (!/^(1|0|t|f|true|false)$/i.test(value)) throw invalid(2);
        read.noNewPrivileges = /^(1|t|true)$/i.test(value);
        break;
      case "seccomp":
        if (value === "unconfined") read.seccomp = "unconfined";
        else read.seccomp = value === "builtin" || value === "" ? "default" : parseSeccompProfile(value);
        break;
      case "apparmor":
        read.appArmor = value;
        break;
      case "systempaths":
        if (value !== "unconfined") throw invalid(2);
        read.systemPathsOpen = true;
        break;
      // SELinux: there is none that the engine speaks to.
      case "label":
        break;
      default:
        throw invalid(2);
    }
  }
  return read;
}
