import { Link } from "../route/link.tsx";
import { shortDigest } from "../words/short-digest.ts";
import { CopyButton } from "./copy-button.tsx";

/** A digest in short, whole in the tooltip and on the clipboard. @param to where it leads */
export function DigestText({ digest, to }: { digest: string; to?: string }) {
  const short = <code title={digest}>{shortDigest(digest)}</code>;
  return (
    <span class="digest">
      {to === undefined ? short : <Link to={to}>{short}</Link>}
      <CopyButton text={digest} what={`the digest ${shortDigest(digest)}`} />
    </span>
  );
}
