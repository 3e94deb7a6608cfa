/** What `berth help retention` prints. */
export const RETENTION_HELP = `\
berth retention - remove tags that no rule keeps, or say which those are

Usage: berth retention preview [REPOSITORY ...] [--removed]
       berth retention run

The rules stand in the configuration (retention.rules). About a tag decides the first one whose
repositories and tags match; it stays when one of the rule's keeps holds, and where no rule is about
it. Immutable and pinned tags, images of the engine, and signatures (sha256-….sig) of what is there
always stay.

  preview    says of every tag whether it stays, by which rule and why; changes nothing. Of these
             repositories, or of all that a rule covers. Try rules of a new file with --config before
             a server gets them
  run        removes now what preview names; a running server does it every retention.every

A removed tag can come back for retention.undo (7 days): berth tag restore. Its manifest is one without
a tag after that: gc.untagged says how long those stay, and without it they do.

Flags:
  --removed          only tags that would be removed (preview)
  --json             print JSON: {"tags": [{"repository", "tag", "kept", "rule", "why", …}], "sums"};
                     of run {"repositories", "tags", "kept", "removed", "by_repository": […]}
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, as the user that runs the server. One run at a time:
Ctrl-C ends it between two tags, and the next one goes on.

Examples:
  berth retention preview --config new.yaml --removed
  berth retention preview team/app --json | jq '.tags[] | select(.kept | not) | .tag'
  berth retention run

Exit codes: 0 done, 1 failed, 2 the command line was not understood.
`;
