import { useContext } from "preact/hooks";
import { Fault } from "../api/fault.ts";
import { BerthContext } from "../frame/berth-context.ts";
import { Link } from "../route/link.tsx";
import { signInPath } from "../session/sign-in-path.ts";

/** Why there is nothing to see, and what to do about it. */
export function FaultNote({ fault, retry }: { fault: Error; retry?: () => void }) {
  const berth = useContext(BerthContext);
  const signIn = fault instanceof Fault && fault.asksForSignIn && berth?.session.auth === "password";
  return (
    <div class="note bad" role="alert">
      <p>{fault.message}</p>
      {signIn ? (
        <Link class="button" to={signInPath(berth.place)}>
          Sign in
        </Link>
      ) : (
        retry && (
          <button type="button" class="button" onClick={retry}>
            Try again
          </button>
        )
      )}
    </div>
  );
}
