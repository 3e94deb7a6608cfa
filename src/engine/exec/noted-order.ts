import type { ExecOrder } from "./read-exec.ts";

/** What is kept of a started session's order: what clients can still ask for. */
export function noteOrder(order: ExecOrder): Omit<ExecOrder, "env" | "workingDir" | "size"> {
  const { command, user, privileged, tty, stdin, stdout, stderr, detachKeys } = order;
  return { command, user, privileged, tty, stdin, stdout, stderr, detachKeys };
}

/** Of a note that another version wrote: what can be read of it. */
export function readNote(note: unknown): ExecOrder {
  const values: Record<string, unknown> = typeof note === "object" && note !== null ? { ...note } : {};
  const text = (key: keyof ExecOrder) => (typeof values[key] === "string" ? values[key] : "");
  const { command } = values;
  return {
    command: Array.isArray(command) ? command.map(String) : [],
    user: text("user"),
    detachKeys: text("detachKeys"),
    privileged: values["privileged"] === true,
    tty: values["tty"] === true,
    stdin: values["stdin"] === true,
    stdout: values["stdout"] === true,
    stderr: values["stderr"] === true,
    ...{ env: [], workingDir: "", size: undefined },
  };
}
