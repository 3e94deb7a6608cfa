import type { ExecView } from "../needs.ts";

/** Docker Engine API "ExecInspect". */
export function execView(exec: ExecView): object {
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode ?? null,
    ProcessConfig: {
      tty: exec.tty,
      entrypoint: exec.entrypoint,
      arguments: exec.arguments,
      privileged: exec.privileged,
      ...(exec.user !== "" && { user: exec.user }),
    },
    OpenStdin: exec.stdin,
    OpenStderr: exec.stderr,
    OpenStdout: exec.stdout,
    CanRemove: false,
    ContainerID: exec.container,
    DetachKeys: exec.detachKeys,
    Pid: exec.pid,
  };
}
