/** What `berth help audit` prints. */
export const AUDIT_HELP = `\
berth audit - show who did what to which repository

Usage: berth audit [FLAGS]

Flags:
  --since WHEN       only what came after: a duration (30m, 24h, 7d) or a time (2026-01-31T12:00:00Z)
  --repository NAME  only this repository
  --actor NAME       only this user, robot or workload
  --action ACTION    only this, e.g. push-manifest, move-tag, delete-tag, pull-blob, sign-in-failed, denied
  --limit N          the newest N entries, 100 by default
  --follow           go on with new entries until Ctrl-C
  --json             print JSON lines, as audit.file has them, instead of a table
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Reads the database in the data folder, also while the server runs. Changes are there as soon as they
are done; pulls, sign-ins and refusals a second later, equal ones counted into one entry. What is
older than audit.keep is dropped. All times are UTC.

Examples:
  berth audit --since 1h
  berth audit --repository acme/app --action move-tag
  berth audit --follow --json | jq 'select(.action == "denied")'

Exit codes: 0 shown, 1 could not be read, 2 the command line was not understood.
`;
