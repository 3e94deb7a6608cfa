/** What `berth help webhook` prints. */
export const WEBHOOK_HELP = `\
berth webhook - see how far webhooks have been told, and replay what they didn't take

Usage: berth webhook list [NAME]
       berth webhook test NAME
       berth webhook replay NAME --id N | --all
       berth webhook drop NAME --id N | --all

A webhook (section notifications of the configuration) is told of what happens here, in its order,
by a running server. What its target doesn't take is tried again, after a second at first and after
ten minutes at last; when retry_for is over it is put aside as a dead letter, and the rest goes on.

  list     shows the webhooks, how many events may still be told (BEHIND), and why the last try
           failed; with NAME the dead letters of that one
  test     sends a ping, signed like everything else, from here
  replay   sends dead letters again, oldest first, from here; ends at the first that isn't taken
  drop     forgets dead letters; with --all of a webhook that isn't configured any more, all of it

Flags:
  --id N             one dead letter (replay, drop)
  --all              every dead letter of it (replay, drop)
  --json             print JSON, which has their addresses, too
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, as the user that runs the server.

Examples:
  berth webhook test ci
  berth webhook list --json | jq '.webhooks[] | select(.dead_letters > 0)'
  berth webhook replay ci --all

Exit codes: 0 done, 1 something failed or wasn't taken, 2 the command line was not understood.
`;
