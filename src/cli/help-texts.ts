import { POLICY_HELP } from "./accounts/policy-help.ts";
import { GROUP_HELP, ROBOT_HELP, TOKEN_HELP, USER_HELP } from "./accounts/account-help.ts";
import { AUDIT_HELP } from "./audit/audit-help.ts";
import * as engine from "./engine/engine-help.ts";
import { MIRROR_HELP } from "./mirror/mirror-help.ts";
import { RETENTION_HELP } from "./retention/retention-help.ts";
import { BACKUP_HELP, RESTORE_HELP, VERIFY_HELP } from "./storage/backup-help.ts";
import { IMPORT_HELP } from "./storage/import-help.ts";
import { GC_HELP } from "./storage/gc-help.ts";
import { REBUILD_HELP, SCRUB_HELP } from "./storage/scrub-help.ts";
import { STORAGE_HELP } from "./storage/storage-help.ts";
import { TAG_HELP } from "./tag/tag-help.ts";
import { USAGE_HELP } from "./usage/usage-help.ts";
import { WEBHOOK_HELP } from "./webhook/webhook-help.ts";

const CONFIG_FLAGS = `\
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --listen ADDR      address to serve on, HOST:PORT; may be repeated (BERTH_LISTEN)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  --workers N        serving processes, a number or auto (BERTH_WORKERS)
  --log-level L      trace, debug, info, warn, error or silent (BERTH_LOG_LEVEL)
  -h, --help         this text
`;

const OVERVIEW = `\
berth - a container registry

Usage: berth VERB [FLAGS]

Verbs:
  serve          run the registry
  check-config   check the configuration and print what is in force
  audit          show who did what to which repository
  user           add, list and remove users, set their passwords
  group          add, list and remove groups, and who is in them
  robot          add, list and remove robots, make their secrets
  token          add, list and remove the tokens of a user
  policy         say whether somebody may do something, and by which rule
  import         take over a registry that CNCF Distribution wrote
  backup         make a snapshot of the metadata, and copies of the blobs
  restore        make a snapshot the registry's metadata, and bring its blobs
  usage          show how much is stored, and how much quotas leave
  verify         prove that what the tags point to can be pulled
  scrub          read all that is stored again, and set right what can be
  rebuild        bring a registry back whose database is lost
  gc             remove what nothing names any more
  storage        move blobs between disk and S3
  mirror         keep repositories of upstreams warm
  webhook        see how far webhooks have been told, and replay what they didn't take
  tag            list tags, bring removed ones back, pin some
  retention      remove tags that no rule keeps, or say which those are
  engine         run containers, over the Docker Engine API
  ps             list containers of the engine
  run            make a container and start it
  exec           run a command in a container that runs
  logs           print what a container said
  start          start containers that were made or stopped
  stop           stop containers
  rm             remove containers
  images         list the engine's images
  pull           bring an image into the engine's list
  inspect        print all that the engine knows about containers or images, as JSON
  doctor         say what this machine lacks, and what cures it
  healthcheck    say by the exit code whether the server answers
  version        print the version
  help VERB      explain a verb; "berth help environment" lists all variables

Start here:
  berth serve                              # on 127.0.0.1:5000, for this machine only
  docker push localhost:5000/busybox       # in another terminal

Every key of the configuration can be set in a YAML file (--config FILE), by a variable
(limits.manifest_size is BERTH_LIMITS_MANIFEST_SIZE), the everyday ones also by a flag.
A flag wins over a variable, a variable over the file, the file over the default.

Exit codes: 0 done, 1 failed, 2 the command line was not understood.
`;

const HEALTHCHECK = `\
berth healthcheck - say by the exit code whether the server answers

Usage: berth healthcheck [FLAGS]

  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         the registry's data folder (BERTH_DATA)
  --listen ADDRESS   ask there instead of the first address of the configuration
  -h, --help         this text

For what watches containers (HEALTHCHECK of docker/Dockerfile). Asks /livez and waits two seconds.

Exit codes: 0 it answers, 1 it doesn't, 2 the command line was not understood.
`;

const SERVE = `\
berth serve - run the registry

Usage: berth serve [FLAGS]

Flags (each wins over the variable in brackets, and that over the file):
${CONFIG_FLAGS}
Without any of them Berth serves on 127.0.0.1:5000 and keeps its data in ./data (in a checkout) or
in the state folder: $XDG_STATE_HOME/berth, ~/.local/state/berth, for root /var/lib/berth.

Without an auth section only this machine may reach it, so any address but a loopback one is
refused, with the lines to add. By root and with engine.enabled: true it runs the engine beside,
and the registry as another user (user): see docs/engine.md.

When the file changes, and on SIGHUP, the keys below policy, auth.workloads, upstreams, cache, gc,
retention, quotas, notifications, scrub and snapshots, web.session and log.level are taken over;
faults are logged, and change nothing.

SIGTERM and SIGINT stop it: running requests may finish within
limits.drain_timeout, unfinished uploads can be resumed after the next start.

Examples:
  berth serve
  berth serve --config /etc/berth/berth.yaml
  berth serve --listen 127.0.0.1:5000 --listen '[::1]:5000' --data /srv/registry
  BERTH_LISTEN=:5000 BERTH_AUTH_MODE=token berth serve    # asks for passwords: see berth help user

Exit codes: 0 stopped as asked, 1 faulty configuration or could not serve, 2 the command line
was not understood.
`;

const CHECK_CONFIG = `\
berth check-config - check the configuration and print what is in force

Usage: berth check-config [FLAGS]

Flags (the same as of serve, so that the same command line can be checked):
${CONFIG_FLAGS}  --offline          look at the configuration only, and not at what it names
  --json             print JSON: {"config": …, "origins": {KEY: default | FILE line N | VARIABLE | FLAG},
                     "checks": [{"name", "ok", "message", "warning"}]}

Prints the configuration as YAML that could itself be the file; the end of a line says where
its value comes from. Then it looks at the places that the configuration names: the folders,
the bucket (every kind of request once), the database, the files of auth, tls and upstreams, and
for blobs where storage.stores doesn't look. Faults go to stderr, all of them at once, with what to
grant or correct. Nothing is changed: what it writes to know, it removes. An upstream that doesn't
answer is a warning there, and no fault: what is cached of it is served all the same.
With folders, run it as the user that runs the server. It takes about 20 seconds at most.

Examples:
  berth check-config --config berth.yaml
  berth check-config --config berth.yaml --offline          # in CI, where there is no bucket
  berth check-config --config berth.yaml --json | jq .checks

Exit codes: 0 all is good, 1 there are faults, 2 the command line was not understood.
`;

const VERSION = `\
berth version - print the version of Berth and of the Node that runs it

Usage: berth version [--json]

  --json             print JSON: {"version", "node", "platform", "runs"}
  -h, --help         this text

Exit codes: 0 printed, 2 the command line was not understood.
`;

const HELP = `\
berth help - explain a verb

Usage: berth help [VERB | environment]

Examples:
  berth help serve
  berth help environment
`;

const ENVIRONMENT = `\
Every key of the configuration has one variable: its path in upper case, joined with "_".
An empty variable counts as not set; one that no key has is a fault. A list is written
"a,b" or as YAML, "[a, b]". A variable wins over the file; a flag wins over a variable.

  BERTH_CONFIG names the configuration file itself, as --config does.
  BERTH_HOST names the engine that berth ps, run and the like speak to, as --host does.

`;

/** What `berth help TOPIC` prints; the overview is the topic without a name. */
export const HELP_TEXTS: ReadonlyMap<string, string> = new Map([
  ["", OVERVIEW],
  ["serve", SERVE],
  ["check-config", CHECK_CONFIG],
  ["audit", AUDIT_HELP],
  ["user", USER_HELP],
  ["group", GROUP_HELP],
  ["robot", ROBOT_HELP],
  ["token", TOKEN_HELP],
  ["policy", POLICY_HELP],
  ["import", IMPORT_HELP],
  ["backup", BACKUP_HELP],
  ["restore", RESTORE_HELP],
  ["usage", USAGE_HELP],
  ["verify", VERIFY_HELP],
  ["scrub", SCRUB_HELP],
  ["rebuild", REBUILD_HELP],
  ["gc", GC_HELP],
  ["storage", STORAGE_HELP],
  ["mirror", MIRROR_HELP],
  ["webhook", WEBHOOK_HELP],
  ["tag", TAG_HELP],
  ["retention", RETENTION_HELP],
  ["engine", engine.ENGINE_HELP],
  ["ps", engine.PS_HELP],
  ["run", engine.RUN_HELP],
  ["exec", engine.EXEC_HELP],
  ["logs", engine.LOGS_HELP],
  ["start", engine.START_HELP],
  ["stop", engine.STOP_HELP],
  ["rm", engine.RM_HELP],
  ["images", engine.IMAGES_HELP],
  ["pull", engine.PULL_HELP],
  ["inspect", engine.INSPECT_HELP],
  ["doctor", engine.DOCTOR_HELP],
  ["healthcheck", HEALTHCHECK],
  ["version", VERSION],
  ["help", HELP],
  ["environment", ENVIRONMENT],
]);
