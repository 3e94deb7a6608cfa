import type { SessionView } from "#core/web/views.ts";
import { wordsOf } from "../api/fault.ts";
import { useBerth } from "../frame/berth-context.ts";
import { Link } from "../route/link.tsx";
import { signInPath } from "./sign-in-path.ts";

/** Who is signed in, and the way in or out. */
export function SignedIn() {
  const { api, place, router, say, session, setSession } = useBerth();
  if (session.auth === "open") return <p class="muted small">Open: no sign-in is asked for</p>;
  if (session.name === undefined) {
    if (session.auth === "elsewhere") return <p class="muted small">Accounts are kept elsewhere</p>;
    return (
      <Link to={signInPath(place)} class="button">
        Sign in
      </Link>
    );
  }
  const leave = async () => {
    try {
      await api.change("DELETE", "/session");
      setSession(await api.get<SessionView>("/session"));
      router.go("/");
      say("You are signed out.");
    } catch (error) {
      say(wordsOf(error));
    }
  };
  return (
    <div class="signed-in">
      <span>
        <span class="muted">Signed in as</span> <strong>{session.name}</strong>
        {session.admin && (
          <>
            {" "}
            <span class="mark">admin</span>
          </>
        )}
      </span>
      <button type="button" class="button" onClick={() => void leave()}>
        Sign out
      </button>
    </div>
  );
}
