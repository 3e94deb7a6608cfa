/** What `berth help usage` prints. */
export const USAGE_HELP = `\
berth usage - show how much is stored, and how much quotas leave

Usage: berth usage [REPOSITORY ...] [--sort bytes|name] [--json]

For each repository here, or for those that are named (one that is cached of an upstream, too):

  TAGS          how many it has
  BYTES         its manifests and every blob that it holds, each once
  OWN           of these what nobody else holds: deleting the whole repository frees so much
  SHARED        of these what other repositories hold, too
  FREED BY GC   of its own what no manifest names: garbage collection frees it after gc.grace

Sums count what repositories share once for each of them. Without names follow what is cached of
upstreams, the quotas with how much is used and allowed (of those that every repository or account
has by itself the 20 fullest), and what each account brought: blobs that it pushed or mounted, and
tags that it made.

Flags:
  --sort bytes|name  the largest first (default), or by name
  --json             one JSON object; sizes are bytes
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, and changes nothing.

Examples:
  berth usage
  berth usage team/app --json | jq '.repositories[0].freed_by_gc'

Exit codes: 0 done, 1 failed, 2 the command line was not understood.
`;
