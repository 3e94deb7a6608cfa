/** What `berth help scrub` prints. */
export const SCRUB_HELP = `\
berth scrub - read all that is stored again, and set right what can be

Usage: berth scrub [REPOSITORY …] [FLAGS]

Reads every blob and every manifest, of these repositories or of all, compares them with their
digests, looks whether what each manifest names is there, and whether what the metadata says agrees:
sizes, links, marks, counters. Damage is named, with the repositories and tags that have it, and put
in quarantine: clients see such a blob as missing, so that the next push heals it. What an upstream
has is fetched again, and other copies in the store (or in the second of two) take its place.

Runs next to the server, whose own scrubbing (the section scrub of the configuration) rests meanwhile,
or without one. berth verify only looks, and only at what the tags lead to.

Flags:
  --quick            compare the sizes of blobs instead of reading them
  --no-repair        only look: nothing is marked and nothing is changed
  --json             print the result as JSON
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Examples:
  berth scrub
  berth scrub --quick --no-repair
  berth scrub team/app --json | jq '.faults[] | {digest, why, of, repaired}'

Exit codes: 0 all good, or set right; 1 something is still damaged, or it could not go on;
2 the command line was not understood.
`;

/** What `berth help rebuild` prints. */
export const REBUILD_HELP = `\
berth rebuild - bring a registry back whose database is lost

Usage: berth rebuild [FLAGS]

Takes the newest snapshot of the metadata that the server put beside the blobs (the section snapshots of
the configuration), makes it the database, and looks through the store: blobs that the snapshot doesn't
know are recorded, so that garbage collection finds them and a push of them costs nothing to undo; blobs
that are gone are marked, so that clients push them again. It says what nobody can know any more: what was
pushed, moved or deleted after the snapshot. Access tokens that were issued so far are refused. Where there
is no snapshot at all, the blobs are recorded in an empty database.

The server must not run. Only for metadata in SQLite: PostgreSQL has backups of its own.

Flags:
  --snapshot NAME    another one than the newest; --list shows them
  --list             only list the snapshots beside the blobs
  --force            where a database is there, set it aside under another name
  --yes              don't ask
  --json             print the result as JSON
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Examples:
  berth rebuild --list
  berth rebuild --config /etc/berth/berth.yaml
  berth rebuild --snapshot metadata-20260102T030405678Z.db.gz --yes --json

Exit codes: 0 rebuilt, 1 rebuilt with something missing, or it could not be,
2 the command line was not understood.
`;
