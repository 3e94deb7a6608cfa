import { Activity } from "../activity/activity.tsx";
import { Containers } from "../containers/containers.tsx";
import { Health } from "../health/health.tsx";
import { Manifest } from "../manifest/manifest.tsx";
import { Empty } from "../parts/empty.tsx";
import { Heading } from "../parts/heading.tsx";
import { Removed } from "../removed/removed.tsx";
import { Repositories } from "../repositories/repositories.tsx";
import { Link } from "../route/link.tsx";
import { repositoryOf } from "../route/place.ts";
import { SignIn } from "../session/sign-in.tsx";
import { Tags } from "../tags/tags.tsx";
import { Upstreams } from "../upstreams/upstreams.tsx";
import { Usage } from "../usage/usage.tsx";
import { useBerth } from "./berth-context.ts";

/** The view that belongs to the place. */
export function View() {
  const { place } = useBerth();
  const repository = repositoryOf(place.path);
  if (repository !== undefined) {
    const reference = place.search.get("digest") ?? place.search.get("tag");
    if (reference === null) return <Tags key={repository} repository={repository} />;
    return <Manifest key={`${repository} ${reference}`} repository={repository} reference={reference} />;
  }
  switch (place.path) {
    case "/":
      return <Repositories />;
    case "/usage":
      return <Usage />;
    case "/upstreams":
      return <Upstreams />;
    case "/activity":
      return <Activity />;
    case "/health":
      return <Health />;
    case "/containers":
      return <Containers />;
    case "/removed":
      return <Removed />;
    case "/sign-in":
      return <SignIn />;
    default:
      return (
        <>
          <Heading title="There is no such page" />
          <Empty title="Nothing lies at this address.">
            <Link to="/">All repositories</Link>
          </Empty>
        </>
      );
  }
}
