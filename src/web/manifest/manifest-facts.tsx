import type { ManifestView } from "#core/web/views.ts";
import { DigestText } from "../parts/digest-text.tsx";
import { Link } from "../route/link.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";
import { mediaTypeWords } from "../words/media-type.ts";

/** What it is, in a few lines. */
export function ManifestFacts({ manifest }: { manifest: ManifestView }) {
  const { repository, image, subject, tags, artifactType } = manifest;
  return (
    <dl class="facts">
      <div>
        <dt>Digest</dt>
        <dd>
          <DigestText digest={manifest.digest} />
        </dd>
      </div>
      <div>
        <dt>Total size</dt>
        <dd>{bytes(manifest.totalSize)}</dd>
      </div>
      <div>
        <dt>Kind</dt>
        <dd>
          {image ? mediaTypeWords(manifest.mediaType) : (artifactType ?? mediaTypeWords(manifest.mediaType))}
        </dd>
      </div>
      {image && (
        <div>
          <dt>Platform</dt>
          <dd>{image.platform}</dd>
        </div>
      )}
      {image?.createdAt !== undefined && (
        <div>
          <dt>Created</dt>
          <dd>
            <RelativeTime at={image.createdAt} />
          </dd>
        </div>
      )}
      {image?.author !== undefined && image.author !== "" && (
        <div>
          <dt>Author</dt>
          <dd>{image.author}</dd>
        </div>
      )}
      {subject !== undefined && (
        <div>
          <dt>About</dt>
          <dd>
            <DigestText digest={subject} to={repositoryPath(repository, { digest: subject })} />
          </dd>
        </div>
      )}
      {tags.length > 0 && (
        <div>
          <dt>Tags</dt>
          <dd class="inline-list">
            {tags.map((tag) => (
              <Link key={tag} to={repositoryPath(repository, { tag })}>
                {tag}
              </Link>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}
