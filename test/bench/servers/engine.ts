import type { OwnHost } from "../../engine/harness/own-host.ts";

/** An engine that runs containers, alone on a host of its own. Disposing removes its containers and ends it all. */
export interface RunningEngine extends AsyncDisposable {
  /** Its API; reached from outside of its host too. */
  readonly socket: string;
  readonly host: OwnHost;
  /** For sockets: its name is short. */
  readonly folder: string;
  /** A registry beside it, empty, that is `localhost:5000` on its host; undefined when it isn't installed. */
  startRegistry(): Promise<AsyncDisposable | undefined>;
}
