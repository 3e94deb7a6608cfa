import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useBerth } from "../frame/berth-context.ts";

interface HeadingProps {
  /** For the window; and the heading, where `children` doesn't say it with marks of its own. */
  title: string;
  children?: ComponentChildren;
  /** What stands at the other end of the line. */
  aside?: ComponentChildren;
}

/** The one h1 of a view. After a move inside of the page focus goes to it, as a loaded page would begin anew. */
export function Heading({ title, children, aside }: HeadingProps) {
  const { router } = useBerth();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === "Repositories" ? "Berth" : `${title} · Berth`;
    if (router.moved()) heading.current?.focus({ preventScroll: true });
  }, [title, router]);
  return (
    <div class="heading">
      <h1 ref={heading} tabIndex={-1}>
        {children ?? title}
      </h1>
      {aside}
    </div>
  );
}
