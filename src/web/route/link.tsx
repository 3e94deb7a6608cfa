import type { ComponentChildren } from "preact";
import { useBerth } from "../frame/berth-context.ts";

interface LinkProps {
  to: string;
  children: ComponentChildren;
  class?: string;
  /** The place that is shown now. */
  current?: "page" | "true" | undefined;
  label?: string;
}

/** A link inside of the page: no load, but everything else that a link does (new tab, copy, middle button). */
export function Link({ to, children, class: look, current, label }: LinkProps) {
  const { router } = useBerth();
  return (
    <a
      href={to}
      class={look}
      aria-current={current}
      aria-label={label}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        router.go(to);
      }}
    >
      {children}
    </a>
  );
}
