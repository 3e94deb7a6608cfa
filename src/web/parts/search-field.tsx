import { useEffect, useRef, useState } from "preact/hooks";
import { useBerth } from "../frame/berth-context.ts";
import { Icon } from "./icon.tsx";

/**
 * A filter that lives in the address as `?contains=`, so that it can be sent to somebody and survives going back.
 * `/` leads to it from anywhere in the view.
 */
export function SearchField({ label }: { label: string }) {
  const { place, router } = useBerth();
  const field = useRef<HTMLInputElement>(null);
  const asked = place.search.get("contains") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);

  useEffect(() => {
    if (text === asked) return;
    const pause = setTimeout(() => {
      const search = new URLSearchParams(place.search);
      if (text === "") search.delete("contains");
      else search.set("contains", text);
      router.go(search.size === 0 ? place.path : `${place.path}?${search.toString()}`, true);
    }, 200);
    return () => clearTimeout(pause);
  }, [text]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (target instanceof HTMLElement && target.closest("input, textarea, select, dialog")) return;
      event.preventDefault();
      field.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <label class="search">
      <span class="off-screen">{label}</span>
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        placeholder={label}
        autocapitalize="none"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setText("");
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
