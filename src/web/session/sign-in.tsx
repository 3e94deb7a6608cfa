import { useRef, useState } from "preact/hooks";
import type { SessionView } from "#core/web/views.ts";
import { wordsOf } from "../api/fault.ts";
import { useBerth } from "../frame/berth-context.ts";
import { fieldText } from "../parts/field-text.ts";
import { Heading } from "../parts/heading.tsx";
import { Link } from "../route/link.tsx";
import { backFrom } from "./sign-in-path.ts";

/** Name and password of the accounts that clients use, too. */
export function SignIn() {
  const { api, place, router, say, session, setSession } = useBerth();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const password = useRef<HTMLInputElement>(null);

  if (session.auth === "open" || session.name !== undefined) {
    return (
      <>
        <Heading title="Sign in" />
        <p>
          {session.name === undefined
            ? "Sign-in is off: everybody may do everything here."
            : `You are signed in as ${session.name}.`}
        </p>
        <Link to="/">All repositories</Link>
      </>
    );
  }
  const enter = async (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const name = fieldText(fields, "name");
    setBusy(true);
    try {
      setSession(
        await api.change<SessionView>("POST", "/session", { name, password: fieldText(fields, "password") }),
      );
      router.go(backFrom(place.search));
      say(`You are signed in as ${name}.`);
    } catch (error) {
      setFault(wordsOf(error));
      setBusy(false);
      password.current?.select();
    }
  };
  return (
    <div class="narrow">
      <Heading title="Sign in" />
      {session.auth === "elsewhere" ? (
        <p>
          The accounts of this registry are kept by another service, which signs tokens for clients. The page
          shows what may be read without one.
        </p>
      ) : (
        <form
          class="form"
          aria-describedby="sign-in-fault"
          onSubmit={(event) => {
            event.preventDefault();
            void enter(event.currentTarget);
          }}
        >
          <label>
            Name
            <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required />
          </label>
          <label>
            Password
            <input name="password" type="password" autocomplete="current-password" ref={password} required />
          </label>
          <p id="sign-in-fault" class="fault-line" role="alert">
            {fault}
          </p>
          <button type="submit" class="button main" disabled={busy}>
            {busy ? "Signing in…" : "Sign in"}
          </button>
          <p class="muted small">
            It is the account that <code>docker login {session.host}</code> asks for.
          </p>
        </form>
      )}
    </div>
  );
}
