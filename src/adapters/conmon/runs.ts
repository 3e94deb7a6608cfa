import type { Exit, Launch } from "#core/engine/monitor.ts";
import type { Control } from "./control.ts";
import type { FanOut } from "./fan-out.ts";
import type { Channel } from "./switchboard.ts";

/** One run of a container that is watched. */
export interface Run {
  launch: Omit<Launch, "spec">;
  pid: number;
  /** Of conmon; undefined where it is gone already. */
  conmon: { pid: number; startTime: number } | undefined;
  /** conmon is a child of this process. */
  ours: boolean;
  streams: FanOut;
  /** While somebody is attached; to the end where leaving would end stdin. */
  channel: Channel | undefined;
  /** Nothing comes through the channel any more. */
  quiet: PromiseWithResolvers<void> | undefined;
  control: Control;
  exit: PromiseWithResolvers<Exit>;
  /** Its end is being noted. */
  ending: boolean;
  /** Its end was noted. */
  ended: boolean;
}
