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
  [
    "audit",
    {
      summary: "show who did what to which repository",
      load: async () => (await import("./audit/audit.ts")).audit,
    },
  ],
  [
    "user",
    {
      summary: "add, list and remove users, set their passwords",
      load: async () => (await import("./accounts/user.ts")).user,
    },
  ],
  [
    "group",
    {
      summary: "add, list and remove groups, and who is in them",
      load: async () => (await import("./accounts/group.ts")).group,
    },
  ],
  [
    "robot",
    {
      summary: "add, list and remove robots, make their secrets",
      load: async () => (await import("./accounts/robot.ts")).robot,
    },
  ],
  [
    "token",
    {
      summary: "add, list and remove the tokens of a user",
      load: async () => (await import("./accounts/token.ts")).token,
    },
  ],
  [
    "policy",
    {
      summary: "say whether somebody may do something, and by which rule",
      load: async () => (await import("./accounts/policy.ts")).policy,
    },
  ],
  [
    "import",
    {
      summary: "take over a registry that CNCF Distribution wrote",
      load: async () => (await import("./storage/import.ts")).importVerb,
    },
  ],
  [
    "backup",
    {
      summary: "make a snapshot of the metadata, and copies of the blobs",
      load: async () => (await import("./storage/backup.ts")).backup,
    },
  ],
  [
    "restore",
    {
      summary: "make a snapshot the registry's metadata, and bring its blobs",
      load: async () => (await import("./storage/restore.ts")).restore,
    },
  ],
  [
    "usage",
    {
      summary: "show how much is stored, and how much quotas leave",
      load: async () => (await import("./usage/usage.ts")).usage,
    },
  ],
  [
    "verify",
    {
      summary: "prove that what the tags point to can be pulled",
      load: async () => (await import("./storage/verify.ts")).verify,
    },
  ],
  [
    "scrub",
    {
      summary: "read all that is stored again, and set right what can be",
      load: async () => (await import("./storage/scrub.ts")).scrub,
    },
  ],
  [
    "rebuild",
    {
      summary: "bring a registry back whose database is lost",
      load: async () => (await import("./storage/rebuild.ts")).rebuild,
    },
  ],
  [
    "gc",
    {
      summary: "remove what nothing names any more",
      load: async () => (await import("./storage/gc.ts")).gc,
    },
  ],
  [
    "storage",
    {
      summary: "move blobs between disk and S3",
      load: async () => (await import("./storage/storage.ts")).storage,
    },
  ],
  [
    "mirror",
    {
      summary: "keep repositories of upstreams warm",
      load: async () => (await import("./mirror/mirror.ts")).mirror,
    },
  ],
  [
    "tag",
    {
      summary: "list tags, bring removed ones back, pin some",
      load: async () => (await import("./tag/tag.ts")).tag,
    },
  ],
  [
    "retention",
    {
      summary: "remove tags that no rule keeps, or say which those are",
      load: async () => (await import("./retention/retention.ts")).retention,
    },
  ],
  [
    "webhook",
    {
      summary: "see how far webhooks have been told, and replay what they didn't take",
      load: async () => (await import("./webhook/webhook.ts")).webhook,
    },
  ],
  [
    "engine",
    {
      summary: "run containers, over the Docker Engine API",
      load: async () => (await import("./engine/engine.ts")).engine,
    },
  ],
  [
    "ps",
    { summary: "list containers of the engine", load: async () => (await import("./engine/ps-verb.ts")).ps },
  ],
  [
    "run",
    {
      summary: "make a container and start it",
      load: async () => (await import("./engine/run-verb.ts")).run,
    },
  ],
  [
    "exec",
    {
      summary: "run a command in a container that runs",
      load: async () => (await import("./engine/exec-verb.ts")).exec,
    },
  ],
  [
    "logs",
    {
      summary: "print what a container said",
      load: async () => (await import("./engine/logs-verb.ts")).logs,
    },
  ],
  [
    "start",
    {
      summary: "start containers that were made or stopped",
      load: async () => (await import("./engine/container-verbs.ts")).start,
    },
  ],
  [
    "stop",
    { summary: "stop containers", load: async () => (await import("./engine/container-verbs.ts")).stop },
  ],
  [
    "rm",
    { summary: "remove containers", load: async () => (await import("./engine/container-verbs.ts")).rm },
  ],
  [
    "images",
    {
      summary: "list the engine's images",
      load: async () => (await import("./engine/image-verbs.ts")).images,
    },
  ],
  [
    "pull",
    {
      summary: "bring an image into the engine's list",
      load: async () => (await import("./engine/image-verbs.ts")).pull,
    },
  ],
  [
    "inspect",
    {
      summary: "print all that the engine knows about containers or images, as JSON",
      load: async () => (await import("./engine/image-verbs.ts")).inspect,
    },
  ],
  [
    "doctor",
    {
      summary: "say what this machine lacks, and what cures it",
      load: async () => (await import("./doctor/doctor.ts")).doctor,
    },
  ],
  [
    "healthcheck",
    {
      summary: "say by the exit code whether the server answers",
      load: async () => (await import("./doctor/healthcheck.ts")).healthcheck,
    },
  ],
  ["version", { summary: "print the version", load: async () => (await import("./version.ts")).version }],
  [
    "help",
    { summary: "explain a verb: berth help serve", load: async () => (await import("./help.ts")).printHelp },
  ],
]);
