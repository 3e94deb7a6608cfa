/** What `berth help gc` prints. */
export const GC_HELP = `\
berth gc - remove what nothing names any more

Usage: berth gc [FLAGS]

A server does this by itself (the section gc of the configuration); this does it now. While clients
push and pull, it removes: blobs that no manifest names, manifests and signatures by the rules of gc,
uploads that nobody went on with, and stored files that the metadata doesn't know, seen twice gc.grace
apart. Then it says what went, how much that was, and why. The bytes of a blob stay a minute longer
(with links into a bucket as long as those work), for who may be reading them, and while a backup runs.

Flags:
  --dry-run          only say what would go
  --grace DURATION   instead of gc.grace (24h): how long a thing stays when nothing names it any more.
                     Shorter than a push takes, it breaks that push
  --all-strays       remove files that the metadata doesn't know also where it knows fewer blobs than
                     those are: then the database is the wrong one, or was lost (berth rebuild)
  --json             print JSON: {"dryRun", "reasons": [{"reason", "count", "bytes", "repositories": […]}],
                     "freed": {"blobs", "bytes"}, "waiting": {"blobs", "bytes"}, "fault", "served"}
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, as the user that runs the server; one run at a time.
Ctrl-C ends it cleanly, and the next run goes on.

Examples:
  berth gc --dry-run
  berth gc --grace 1h
  berth gc --json | jq '.reasons[] | {reason, count, bytes}'

Exit codes: 0 done, 1 failed or something could not be removed (the rest is), 2 the command line was
not understood.
`;
