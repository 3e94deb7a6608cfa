import { AppError } from "#core/errors.ts";

/**
 * What clients are told when a process can't be started: crun's or runc's words as docker writes them, for clients look
 * there for "executable file not found", "no such file or directory" (127), "permission denied" (126).
 * @param program what was to be run: crun's messages don't always name it
 */
export function startFault(step: "create" | "start" | "exec", words: string, program: string): AppError {
  const said = inDockersWords(plain(words), program);
  const before =
    step === "exec"
      ? "OCI runtime exec failed: exec failed: unable to start container process"
      : `failed to create task for container: failed to create shim task: OCI runtime ${step} failed: unable to start container process`;
  return new AppError("start-failed", `${before}: ${said}: unknown`, { cause: words });
}

/** runc logs `time="…" level=error msg="runc create failed: unable to start container process: exec: \"x\": …"`. */
function plain(words: string): string {
  const messages = [...words.matchAll(/level=(?:error|fatal) msg=("(?:[^"\\]|\\.)*"|\S+)/g)];
  const last = messages.at(-1)?.[1];
  if (last !== undefined) {
    const text = last.startsWith('"') ? unquote(last) : last;
    return text
      .replace(/^(?:runc \w+ failed|exec failed): /, "")
      .replace(/^unable to start container process: /, "");
  }
  // crun, perhaps after warnings, perhaps with a time before it.
  const lines = words.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "it ended without a word").replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z?: /, "").trim();
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

function inDockersWords(text: string, program: string): string {
  const missing = /^executable file [`'](.*)['`] not found(?: in \$PATH)?(?:: .*)?$/s.exec(text)?.[1];
  if (missing !== undefined) return notFound(missing);
  if (
    /^open executable: |^exec(?:vp?e?)?[ :].*permission denied$/i.test(text) &&
    !text.startsWith('exec: "')
  ) {
    // Without a slash only what can be run counts as found.
    return program.includes("/") ? `exec: "${program}": permission denied` : notFound(program);
  }
  const folder = /^chdir [`'](.*)['`]: (.*)$/s.exec(text);
  if (folder !== null)
    return `chdir to cwd ("${folder[1]}") set in config.json failed: ${lower(folder[2] ?? "")}`;
  // crun writes what the system says as C does, docker as Go does.
  return text.replace(/: ([A-Z][a-z]+(?: [a-z]+)*)$/, (_, reason: string) => `: ${lower(reason)}`);
}

function notFound(program: string): string {
  return program.includes("/")
    ? `exec: "${program}": stat ${program}: no such file or directory`
    : `exec: "${program}": executable file not found in $PATH`;
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
