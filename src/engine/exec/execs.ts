/**
 * Further processes in running containers. Owns the sessions, in memory; never the containers' states.
 * create (a session) → start (a process under the monitor, its streams attached) → exit code noted → inspect.
 */
import type { ContainerRecord } from "#core/engine/container.ts";
import type { Monitor, RunningExec, TerminalSize } from "#core/engine/monitor.ts";
import type { Attachment } from "#core/engine/output.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeProcess } from "#oci/runtime-spec.ts";
import { emitContainer } from "../containers/emit.ts";
import type { ContainersParts } from "../containers/parts.ts";
import type { RunTable } from "../containers/run-table.ts";
import { mustNotBePaused, mustRun } from "../containers/states.ts";
import { attachmentTo } from "./attachment-to.ts";
import { noteOrder, readNote } from "./noted-order.ts";
import { readExec, type ExecOrder } from "./read-exec.ts";

export interface ExecsParts extends Pick<
  ContainersParts,
  "book" | "folders" | "events" | "newId" | "report"
> {
  monitor: Pick<Monitor, "exec" | "adoptExecs" | "expectProcess">;
  runs: RunTable;
  /** What the runtime is told; reads users of the container's root. */
  process(record: ContainerRecord, order: ExecOrder): Promise<RuntimeProcess>;
}

interface Session {
  id: string;
  container: string;
  order: ExecOrder;
  started: boolean;
  running: Omit<RunningExec, "attachment"> | undefined;
  pid: number;
  exitCode: number | undefined;
  /** Sizes that came before there was a process. */
  size: TerminalSize | undefined;
  wake: PromiseWithResolvers<void>;
}

/** Sessions that ended are known for so long, ms, and so many of a container. */
const remembered = 5 * 60_000;
/** How long a resize waits for its process, ms. */
const resizePatience = 2_000;
/** dockerd's code for what can't be run. */
const cannotRun = 126;

export type Execs = ReturnType<typeof createExecs>;

export function createExecs(parts: ExecsParts) {
  const { book, monitor, folders, events, runs } = parts;
  const sessions = new Map<string, Session>();

  function find(id: string): Session {
    const session = sessions.get(id);
    if (session === undefined) throw new AppError("engine-missing", `No such exec instance: ${id}`);
    return session;
  }

  function forget({ id, container }: Session): void {
    setTimeout(() => sessions.delete(id), remembered).unref();
    // A container that is gone has none, and must not be noted again.
    if (book.get(container) !== undefined) runs.of(container).execs.delete(id);
  }

  /** It has a process. Resolves when that has ended, and its code was noted. */
  function runsNow(
    session: Session,
    record: ContainerRecord,
    running: Omit<RunningExec, "attachment">,
  ): Promise<void> {
    session.running = running;
    session.pid = running.pid;
    session.wake.resolve();
    return running.exit.then((code) => {
      session.exitCode = code;
      session.running = undefined;
      emitContainer(events, record, "exec_die", { execID: session.id, exitCode: String(code) });
      forget(session);
    });
  }

  function add(session: Pick<Session, "id" | "container" | "order" | "started">): Session {
    const whole: Session = {
      ...session,
      ...{ running: undefined, pid: 0, exitCode: undefined, size: undefined },
      wake: Promise.withResolvers(),
    };
    sessions.set(whole.id, whole);
    runs.of(whole.container).execs.add(whole.id);
    return whole;
  }

  async function start(
    id: string,
    { detach, size }: { detach: boolean; size: TerminalSize | undefined },
  ): Promise<Attachment | undefined> {
    const session = find(id);
    const record = book.get(session.container);
    if (record === undefined) throw new AppError("engine-missing", `No such container: ${session.container}`);
    mustRun(record, record.id);
    mustNotBePaused(record, record.id);
    if (session.exitCode !== undefined)
      throw new AppError("engine-conflict", `Error: Exec command ${id} has already run`);
    if (session.started)
      throw new AppError("engine-conflict", `Error: Exec command ${id} is already running`);
    session.started = true;
    const { order } = session;
    const named = order.command.join(" ");
    emitContainer(events, record, `exec_start: ${named}`, { execID: id });
    const wanted = size ?? session.size ?? order.size;
    try {
      const running = await monitor.exec({
        container: record.id,
        id,
        folder: folders.path(record.id),
        process: await parts.process(record, order),
        tty: order.tty,
        stdin: order.stdin && !detach,
        detached: detach,
        ...(wanted === undefined ? {} : { size: wanted }),
        note: noteOrder(order),
      });
      const ended = runsNow(session, record, running);
      // The client asks for the code as soon as its stream ends.
      return running.attachment === undefined ? undefined : attachmentTo(running.attachment, ended);
    } catch (error) {
      session.exitCode = cannotRun;
      session.wake.resolve();
      forget(session);
      throw error;
    }
  }

  return {
    create(ref: string, body: Record<string, unknown>): Promise<string> {
      const record = book.find(ref);
      mustRun(record, record.id);
      if (record.state.status === "paused")
        throw new AppError(
          "engine-conflict",
          `Container ${ref} is paused, unpause the container before exec`,
        );
      const order = readExec(body);
      monitor.expectProcess();
      const { id } = add({ id: parts.newId(), container: record.id, order, started: false });
      emitContainer(events, record, `exec_create: ${order.command.join(" ")}`, { execID: id });
      return Promise.resolve(id);
    },

    start,

    look(id: string) {
      const { container, order, running, exitCode, pid } = find(id);
      const { command, tty, stdin, stdout, stderr, detachKeys, user, privileged } = order;
      const [entrypoint = "", ...rest] = command;
      return Promise.resolve({
        id,
        container,
        running: running !== undefined,
        exitCode,
        pid,
        tty,
        stdin,
        stdout,
        stderr,
        detachKeys,
        user,
        privileged,
        entrypoint,
        arguments: rest,
      });
    },

    async resize(id: string, size: TerminalSize): Promise<void> {
      const session = find(id);
      session.size = size;
      if (session.running === undefined && session.exitCode === undefined) {
        const timer = setTimeout(() => session.wake.resolve(), resizePatience);
        await session.wake.promise;
        clearTimeout(timer);
      }
      if (session.running === undefined)
        throw new AppError("engine-failed", `cannot resize a stopped container: exec ${id} is not running`);
      await session.running.resize(size);
    },

    /** Sessions that were started before the engine was away; those that ended meanwhile are known for a while. */
    async restore(record: ContainerRecord): Promise<void> {
      for (const running of await monitor.adoptExecs(record.id)) {
        const { id, note } = running;
        void runsNow(
          add({ id, container: record.id, order: readNote(note), started: true }),
          record,
          running,
        );
      }
    },

    /** Its container is gone. */
    forgetOf(container: string): void {
      for (const [id, session] of sessions) if (session.container === container) sessions.delete(id);
    },
  };
}
