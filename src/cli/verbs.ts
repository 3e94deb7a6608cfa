import type { Verb } from "./io.ts";

export interface VerbEntry {
  /** One line for the overview. */
  summary: string;
  /** Loaded only when asked for, so that `version` never waits for the server's code. */
  load: () => Promise<Verb>;
}

/** The verbs of `berth`, in the order in which the help shows them. */
export const VERBS: ReadonlyMap<string, VerbEntry> = new Map<string, VerbEntry>([
  ["serve", { summary: "run the registry", load: async () => (await import("./serve-verb.ts")).serveVerb }],
  [
    "check-config",
    {
      summary: "check the configuration and print what is in force",
      load: async () => (await import("./check-config.ts")).checkConfig,
    },
  ],
  ["version", { summary: "print the version", load: async () => (await import("./version.ts")).version }],
  [
    "help",
    { summary: "explain a verb: berth help serve", load: async () => (await import("./help.ts")).printHelp },
  ],
]);
