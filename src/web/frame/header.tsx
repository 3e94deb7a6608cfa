import { useEffect, useState } from "preact/hooks";
import { Link } from "../route/link.tsx";
import { SignedIn } from "../session/signed-in.tsx";
import { useBerth } from "./berth-context.ts";
import { ThemeChoice } from "./theme-choice.tsx";

/** Name, ways through the page, who is signed in, light and dark. On phones all but the name folds away. */
export function Header() {
  const { place, session } = useBerth();
  const [open, setOpen] = useState(false);
  // Whoever has chosen a way wants to see where it leads.
  useEffect(() => setOpen(false), [place]);

  const ways: [string, string][] = [
    ["/", "Repositories"],
    ["/removed", "Removed tags"],
    ["/usage", "Usage"],
    ["/upstreams", "Upstreams"],
    ["/activity", "Activity"],
    ...(session.engine ? [["/containers", "Containers"] as [string, string]] : []),
    ["/health", "Health"],
  ];
  const current = place.path.startsWith("/r/") ? "/" : place.path;
  return (
    <header class="bar" data-open={open ? "" : undefined}>
      <Link to="/" class="name" label="Berth, all repositories">
        <span class="logo" aria-hidden="true" />
        Berth
      </Link>
      <button
        type="button"
        class="button menu"
        aria-expanded={open}
        aria-controls="ways"
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOpen(false);
        }}
      >
        Menu
      </button>
      <div id="ways" class="ways">
        <nav aria-label="Main">
          <ul>
            {ways.map(([to, name]) => (
              <li key={to}>
                <Link to={to} current={current === to ? "page" : undefined}>
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div class="person">
          <SignedIn />
          <ThemeChoice />
          <p class="muted small">Berth {session.version}</p>
        </div>
      </div>
    </header>
  );
}
