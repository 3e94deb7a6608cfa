import { useBerth } from "../frame/berth-context.ts";
import { CommandLine } from "../parts/command-line.tsx";
import { Empty } from "../parts/empty.tsx";
import { Link } from "../route/link.tsx";
import { signInPath } from "../session/sign-in-path.ts";

/** The three commands that bring the first image here. */
export function HowToPush() {
  const { place, session } = useBerth();
  const { host } = session;
  if (session.auth === "password" && session.name === undefined) {
    return (
      <Empty title="Nothing here is open to everybody.">
        <p>Sign in to see the repositories that your account may read.</p>
        <Link to={signInPath(place)} class="button main">
          Sign in
        </Link>
      </Empty>
    );
  }
  return (
    <Empty title="No image has been pushed yet.">
      <p>A repository comes into being with its first push. For example:</p>
      {session.auth !== "open" && <CommandLine text={`docker login ${host}`} />}
      <CommandLine text={`docker tag my-image:latest ${host}/my-image:latest`} />
      <CommandLine text={`docker push ${host}/my-image:latest`} />
    </Empty>
  );
}
