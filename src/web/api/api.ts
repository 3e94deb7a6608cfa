import type { FaultView, SessionView } from "#core/web/views.ts";
import { Fault } from "./fault.ts";

/** Calls of the page's API. Each rejects with a Fault, or with the signal's reason. */
export interface Api {
  /** @param path below /api/v1, with its query */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** POST or DELETE with the token against forged requests; undefined for an empty answer. */
  change<T = void>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<T>;
  /** Which session the next changes belong to. @param onDoubt called when the server may no longer know it */
  use(session: SessionView, onDoubt?: () => void): void;
}

export function createApi(): Api {
  let csrf = "";
  let doubted: (() => void) | undefined;

  async function call<T>(path: string, init: RequestInit): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`/api/v1${path}`, { credentials: "same-origin", cache: "no-store", ...init });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new Fault(0, "", "Berth does not answer. Check that it runs, and the network between.");
    }
    // 403: the token of a session that is gone is a forged one to the server.
    if (response.status === 401 || response.status === 403) doubted?.();
    if (!response.ok) throw await faultOf(response);
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  return {
    get: (path, signal) => call(path, signal ? { signal } : {}),
    change: (method, path, body) =>
      call(path, {
        method,
        headers: {
          "X-CSRF-Token": csrf,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    use(session, onDoubt) {
      csrf = session.csrf;
      doubted = onDoubt;
    },
  };
}

async function faultOf(response: Response): Promise<Fault> {
  const first = await response
    .json()
    .then((body: Partial<FaultView>) => body.errors?.[0])
    .catch(() => undefined);
  const words = first?.message ?? `Berth answered ${response.status} and did not say why.`;
  return new Fault(response.status, first?.code ?? "", words);
}

/** `query({contains: "", last: "a"})` → `?last=a`; what is empty is left out. */
export function query(parameters: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size === 0 ? "" : `?${search.toString()}`;
}
