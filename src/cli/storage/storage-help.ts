/** What `berth help storage` prints. */
export const STORAGE_HELP = `\
berth storage - move blobs between disk and S3

Usage: berth storage migrate --from disk --to s3 [FLAGS]
       berth storage migrate --from s3 --to disk [FLAGS]

Copies every blob to the other place and then says in the metadata that it lies there, while the
registry serves. Each blob's digest is verified on the way. What was moved stays moved: run it
again after it broke off (Ctrl-C ends it cleanly), and it goes on with what is left.

Before: describe the bucket (storage.s3), let new blobs go to the new place while the old one is
still read, and restart each server with that:
  storage:
    stores: [s3, disk]             # from s3 to disk: [disk, s3]
Afterwards: take the line "stores" out (or name the new place alone) and restart.

Flags:
  --from PLACE       disk or s3: where the blobs are
  --to PLACE         s3 or disk: where they shall be
  --dry-run          only say how much there is to move
  --parallel N       blobs copied at the same time, 1 to 64; 4 by default. Into S3 each may take
                     part_size × (parts_in_flight + 1) of memory
  --delete-source    remove the old copy of each blob that this run moves; without it they stay
  --grace DURATION   with --delete-source: how long after its move (readers may be at it); 10m. From s3
                     at least as long as signed links work (storage.s3.redirect.expiry, 5m)
  --json             print JSON: {"blobs", "bytes", "skipped", "damaged": [{"digest", "fault"}], …}
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, as the user that runs the server. A blob whose bytes
can't be read or aren't what its digest says is named and left where it is. Uploads that began at
the old place end there: while there are any it says so and exits with 1, and another run moves them.

Examples:
  berth storage migrate --from disk --to s3 --dry-run
  berth storage migrate --from disk --to s3 --config /etc/berth/berth.yaml
  berth storage migrate --from s3 --to disk --delete-source --json | jq .damaged

Exit codes: 0 everything lies at the new place, 1 something was left or it could not go on,
2 the command line was not understood.
`;
