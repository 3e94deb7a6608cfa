import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { wordsOf } from "../api/fault.ts";

interface DialogProps {
  title: string;
  /** The word on the button that does it. */
  act: string;
  danger?: boolean;
  /** Does it; what it rejects with is shown and the dialog stays. */
  onAct(fields: FormData): Promise<void>;
  /** Done, or thought better of it. */
  onClose(done: boolean): void;
  children: ComponentChildren;
}

/** A question before a change. The browser's own dialog keeps focus inside, and gives it back afterwards. */
export function Dialog({ title, act, danger, onAct, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const done = useRef(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (fields: FormData) => {
    setBusy(true);
    try {
      await onAct(fields);
      done.current = true;
      dialog.current?.close();
    } catch (error) {
      setFault(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={() => onClose(done.current)}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <h2 id={heading}>{title}</h2>
        {children}
        <p class="fault-line" role="alert">
          {fault}
        </p>
        <div class="buttons end">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={danger === true ? "button danger" : "button main"} disabled={busy}>
            {act}
          </button>
        </div>
      </form>
    </dialog>
  );
}
