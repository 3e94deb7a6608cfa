import { createControl } from "./control.ts";
import { createFanOut } from "./fan-out.ts";
import type { Run } from "./runs.ts";
import type { Channel, Switchboard } from "./switchboard.ts";

/**
 * A run whose streams are connected while somebody is attached. Where stdin ends with its first attachment, the
 * connection stays until the container ends: conmon takes its end for the end of stdin, and who leaves may come back.
 */
export function connectRun(
  run: Pick<Run, "launch" | "pid" | "conmon" | "ours">,
  folder: string,
  switchboard: Switchboard,
  patience: number,
): Run {
  const { tty, stdin, stdinOnce } = run.launch;
  const stays = stdin && stdinOnce;
  const streams = createFanOut(
    {
      send: (data) => (stdin ? connected()?.send(data) : undefined) ?? Promise.resolve(),
      // With a terminal its end is a character (ctrl-D), as in docker; without StdinOnce it outlives who attaches.
      endInput: () => {
        if (stays && !tty) connected()?.endInput();
      },
      hold: (on) => whole.channel?.hold(on),
      left: () => {
        if (stays || whole.streams.size() > 0) return;
        whole.channel?.close();
        whole.quiet?.resolve();
        whole.channel = whole.quiet = undefined;
      },
    },
    patience,
  );

  function connected(): Channel | undefined {
    if (whole.channel !== undefined || whole.ending || whole.ended) return whole.channel;
    const quiet = Promise.withResolvers<void>();
    whole.quiet = quiet;
    whole.channel = switchboard.open(folder, {
      output: (chunk) => streams.take(chunk),
      end: (lost) => {
        quiet.resolve();
        // Readers would wait for what nobody brings any more; who attaches again gets a new connection.
        if (lost) {
          whole.channel = whole.quiet = undefined;
          streams.drop();
        }
      },
    });
    return whole.channel;
  }

  const whole: Run = {
    ...run,
    streams: {
      ...streams,
      attach: () => {
        connected();
        return streams.attach();
      },
    },
    channel: undefined,
    quiet: undefined,
    control: createControl(folder),
    exit: Promise.withResolvers(),
    ending: false,
    ended: false,
  };
  return whole;
}
