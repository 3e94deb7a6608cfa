const PLACES = `\
  --endpoint URL     server that speaks S3, where it isn't AWS
  --region NAME      of the bucket
  --access-key-id-file FILE, --secret-access-key-file FILE
                     who asks; without them storage.s3 counts when it is that bucket, else what the
                     machine has: variables, profiles, roles
  --json             print the result as JSON
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text
`;

/** What `berth help backup` prints. */
export const BACKUP_HELP = `\
berth backup - make a snapshot of the metadata, and copies of the blobs

Usage: berth backup FILE [--blobs PLACE] [FLAGS]
       berth backup --blobs PLACE [FLAGS]           # metadata in PostgreSQL, after pg_dump

FILE is a path or s3://BUCKET/KEY. It has manifests, tags, accounts and the audit log as they are at
one moment, also while the server runs and pushes go on; its name is there when it is complete.

Flags:
  --blobs PLACE      also the blobs that the snapshot names, into a folder or s3://BUCKET/PREFIX; one
                     place for any number of snapshots, each blob is copied once (on one file system
                     linked) and stays until somebody removes it
  --verify           read and hash every blob, also those that are linked or there already
  --force            replace FILE
${PLACES}
With metadata in PostgreSQL pg_dump makes the snapshot; then berth backup --blobs PLACE, without FILE.
Not in it: the signing keys in DATA/keys, the configuration, what auth.secret_file names.

Examples:
  berth backup /backup/berth-$(date +%F).db --blobs /backup/blobs
  berth backup s3://backups/berth/monday.db --blobs s3://backups/berth/blobs --force

Ctrl-C ends it cleanly: run it again, and it goes on with the blobs that are left.

Exit codes: 0 done, 1 failed (nothing has FILE's name then) or some blobs are damaged in the registry
itself (the rest is done), 2 the command line was not understood.
`;

/** What `berth help restore` prints. */
export const RESTORE_HELP = `\
berth restore - make a snapshot the registry's metadata, and bring its blobs

Usage: berth restore FILE [--blobs PLACE] [FLAGS]
       berth restore --blobs PLACE [FLAGS]          # metadata in PostgreSQL, after pg_restore

FILE is what berth backup wrote, a path or s3://BUCKET/KEY. No server may have the data folder.
What was broken off goes on when the same command is run again.

Flags:
  --blobs PLACE      bring the blobs that aren't where the snapshot says from here; also those that
                     are there are hashed, and brought when their bytes are wrong. Without it sizes
                     are compared only
  --force            set aside the database that is there, under a name with the time
${PLACES}
Who could sign in at the time of the snapshot can again, with the passwords, tokens and rights of
then: end again what was ended since. Access tokens that are out end. Blobs that are nowhere are named,
and are unknown to clients until they are pushed again.

Examples:
  berth restore /backup/berth-2026-01-31.db --blobs /backup/blobs --config /etc/berth/berth.yaml
  berth restore s3://backups/berth/monday.db --blobs s3://backups/berth/blobs --force

Exit codes: 0 all restored, 1 failed (the database is as it was) or blobs are missing (the rest is
restored), 2 the command line was not understood.
`;

/** What `berth help verify` prints. */
export const VERIFY_HELP = `\
berth verify - prove that what the tags point to can be pulled

Usage: berth verify [REPOSITORY[:TAG | @DIGEST] …] [FLAGS]

Reads and hashes each tag's manifest and all that it names: children, configs, layers, each once.
Without a name all repositories. May run next to the server. A blob whose bytes are missing or wrong
is marked: clients see it as missing until it is pushed again, and so the next push heals it.

Flags:
  --quick            compare the sizes of blobs instead of reading them; marks nothing
  --no-mark          leave damaged blobs as they are
  --json             print the result as JSON
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

What was never pushed is counted apart, and no fault, where policy.missing_references allows it as it
is now (children of a sparse index, foreign layers); all else that is lacking is one, also what an
import left out.

Examples:
  berth verify
  berth verify --quick team/app:v1 base/alpine
  berth verify --json | jq '.faults[] | {digest, why, of}'

Exit codes: 0 all good, 1 something is damaged or missing, 2 the command line was not understood.
`;
