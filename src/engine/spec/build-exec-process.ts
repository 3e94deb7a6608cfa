import type { ContainerRecord } from "#core/engine/container.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { RuntimeProcess } from "#oci/runtime-spec.ts";
import { cleanPath } from "../clean-path.ts";
import { AppError } from "#core/errors.ts";
import { buildProcess } from "./build-process.ts";
import type { ResolvedUser } from "./resolve-user.ts";

export interface ExecInput {
  record: ContainerRecord;
  facts: Pick<RuntimeFacts, "capabilities" | "appArmor">;
  /** By `resolveUser`, of the exec's own user where it names one, else of the container's. */
  user: ResolvedUser;
  command: readonly string[];
  /** Beside the container's. */
  env: readonly string[];
  /** "": the container's. */
  workingDir: string;
  privileged: boolean;
  tty: boolean;
  size?: { rows: number; columns: number } | undefined;
}

/** What `docker exec` runs in a container. Throws engine-invalid for a working directory that isn't absolute. */
export function buildExecProcess(input: ExecInput): RuntimeProcess {
  const { record, facts, user, command, env, workingDir, privileged, tty, size } = input;
  if (workingDir !== "" && !workingDir.startsWith("/"))
    throw new AppError(
      "engine-invalid",
      `the working directory '${workingDir}' is invalid, it needs to be an absolute path`,
    );
  return buildProcess({
    record,
    facts,
    user,
    args: command,
    env,
    cwd: workingDir === "" ? "" : cleanPath(workingDir),
    tty,
    privileged: privileged || record.host.Privileged,
    ...(size && { size }),
  });
}
