/** What `berth help mirror` prints. */
export const MIRROR_HELP = `\
berth mirror - keep repositories of upstreams warm

Usage: berth mirror add NAME [--tags GLOB]... [--platform P]... [--referrers] [--every 6h] [--now]
       berth mirror sync [NAME ...]
       berth mirror list
       berth mirror remove NAME

A mirror is a repository of an upstream (section upstreams of the configuration) whose images are
fetched on a schedule, before anybody pulls them. Only what isn't here yet is fetched: a round
without news costs a question for each tag. NAME is docker.io/library/alpine, also in docker's short
forms (alpine, acme/app) where docker.io is an upstream.

  add      says what is to be kept warm; one of the same name is changed
  sync     does a round now: of these mirrors, or of all
  list     shows them, when their last round was and what it failed with
  remove   keeps it warm no more; what it brought stays until the cache needs the room

Flags of add:
  --tags GLOB        tags to bring, such as 3.20 or '3.*' or '*'; may be repeated; latest by default
  --platform P       linux/amd64, linux/arm/v7: of an image for several platforms bring these only;
                     may be repeated; all by default
  --referrers        bring signatures, SBOMs and what else refers to the images, too: by the referrers
                     API, by its tag schema, and cosign's tags sha256-….sig, .att and .sbom
  --every DURATION   time between two rounds, 1m at least; 6h by default
  --now              do the first round at once

Flags:
  --json             print JSON (add, sync, list)
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, as the user that runs the server. A running server
does the rounds by itself; one that failed is tried again after 10 minutes at the latest. Tags that
the upstream has no more stay here (upstreams[].gone). An image that fails doesn't stop the others.

Examples:
  berth mirror add alpine --tags '3.*' --platform linux/amd64 --platform linux/arm64 --now
  berth mirror add ghcr.io/acme/app --tags 'v*' --referrers --every 1h
  berth mirror sync --json | jq '.mirrors[] | {name, bytes, fault}'

Exit codes: 0 done and everything came, 1 something failed, 2 the command line was not understood.
`;
