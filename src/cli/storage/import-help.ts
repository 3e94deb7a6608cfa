/** What `berth help import` prints. */
export const IMPORT_HELP = `\
berth import - take over a registry that another program wrote

Usage: berth import distribution DIR [FLAGS]
       berth import distribution s3://BUCKET[/PREFIX] [FLAGS]

Takes over what CNCF Distribution (2.x, 3.x; docker.io/registry) keeps in a folder or a bucket: every
repository with its blobs, manifests and tags, digests unchanged. DIR and PREFIX are what its
configuration calls rootdirectory. Nothing is changed there, and it may go on serving.

Flags:
  --dry-run          only say what would be done; blobs aren't read, so damage isn't found
  --repository GLOB  only repositories whose name matches (acme/*, acme/**); may be repeated
  --overwrite        also move tags that point elsewhere in Berth
  --link             give files a second name instead of copying them, where both are on one file
                     system and belong to this user; without it they are copied (where the file
                     system has reflinks, without taking room twice)
  --json             print JSON: what was done, leftOut and lacking
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

For a bucket (credentials come from the key files, else as the AWS SDK finds them):
  --endpoint URL                  S3 server, where it isn't AWS
  --region NAME                   region of the bucket
  --access-key-id-file FILE       holds the access key id
  --secret-access-key-file FILE   holds its secret

Runs next to a running server or without one. Every blob and manifest is read and compared with its
digest first. What Berth has already is passed over: run it again after it broke off, and once more
for what was pushed to the old registry in the meantime.

Examples:
  berth import distribution /var/lib/registry --dry-run
  berth import distribution /var/lib/registry --repository 'acme/**'
  berth import distribution s3://old-registry/prod --region eu-central-1

Exit codes: 0 everything came over, 1 something was left out or it could not go on,
2 the command line was not understood.
`;
