import { AppError } from "#core/errors.ts";
import type { ContainerView } from "#core/web/views.ts";
import { createEngineClient, pathOf } from "./client.ts";
import { outputLines } from "./output-lines.ts";
import { Refusal } from "./refusal.ts";

/** Containers of an engine on this machine. Each call throws unavailable when it can't be reached. */
export interface EngineContainers {
  /** Whether this user reaches it. Asked at most every ten seconds. */
  reachable(): Promise<boolean>;
  list(): Promise<ContainerView[]>;
  /** The end of its log and what follows, line by line, until it ends or the signal. Throws engine-missing. */
  logs(id: string, signal: AbortSignal): Promise<AsyncIterable<string>>;
  /** Throws engine-missing, engine-conflict; nothing when it is so already. */
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
}

interface Listed {
  Id: string;
  Names: string[];
  Image: string;
  State: string;
  Status: string;
  Ports: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[];
}

const askedFor = 10_000;
/** Lines of the past. */
const tail = 500;

/** @param socketPath of the engine's API */
export function createEngineContainers(socketPath: string): EngineContainers {
  const client = createEngineClient(socketPath);
  let asked: { at: number; answer: Promise<boolean> } | undefined;

  async function change(id: string, verb: string): Promise<void> {
    const answer = await told(client.open("POST", pathOf(["containers", nameOf(id), verb])));
    answer.resume();
  }

  return {
    reachable() {
      if (asked === undefined || Date.now() - asked.at > askedFor)
        asked = {
          at: Date.now(),
          answer: client.open("GET", "/_ping").then(
            (answer) => {
              answer.resume();
              return true;
            },
            () => false,
          ),
        };
      return asked.answer;
    },

    async list() {
      const found = await told(client.call<Listed[]>("GET", pathOf(["containers", "json"], { all: true })));
      return found.map(
        ({ Id: id, Names: names, Image: image, State: state, Status: status, Ports: ports }) => ({
          id,
          name: (names[0] ?? id.slice(0, 12)).replace(/^\//, ""),
          image,
          state,
          status,
          ports: [...new Set(ports.map(portText))],
        }),
      );
    },

    async logs(id, signal) {
      const name = nameOf(id);
      const { Config: config } = await told(
        client.call<{ Config: { Tty: boolean } }>("GET", pathOf(["containers", name, "json"])),
      );
      const query = { stdout: true, stderr: true, follow: true, tail };
      const answer = await told(client.open("GET", pathOf(["containers", name, "logs"], query)));
      const leave = () => answer.destroy();
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
      return untilLeft(outputLines(answer, config.Tty), signal);
    },

    start: (id) => change(id, "start"),
    stop: (id) => change(id, "stop"),
  };
}

/** Who leaves ends the connection, which is no failure. */
async function* untilLeft(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function portText({
  IP: address = "",
  PrivatePort: inside,
  PublicPort: outside,
  Type: protocol,
}: Listed["Ports"][number]) {
  const to = `${inside}/${protocol}`;
  if (outside === undefined) return to;
  return `${address.includes(":") ? `[${address}]` : address}:${outside}->${to}`;
}

function nameOf(id: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(id)) return id;
  throw new AppError("engine-missing", "there is no such container");
}

async function told<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Refusal) {
      const code =
        error.status === 404 ? "engine-missing" : error.status === 409 ? "engine-conflict" : "engine-failed";
      throw new AppError(code, error.message, { cause: error });
    }
    throw new AppError("unavailable", "the engine can't be reached by this server", { cause: error });
  }
}
