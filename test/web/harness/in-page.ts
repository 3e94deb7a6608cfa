import type { Page } from "playwright-core";

/**
 * Values out of the page. The expressions are texts because they run in the browser: the types of browsers would
 * otherwise be there for the server, too.
 */

/** What has focus, as a screen reader would name it, roughly. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(({ activeElement: at }) => at?.getAttribute("aria-label") ?? at?.textContent?.trim() ?? "")(document)`,
  );

/** Whether focus is where the selector says. */
export const focusIsIn = (page: Page, selector: string): Promise<boolean> =>
  page.evaluate<boolean>(`document.activeElement?.closest(${JSON.stringify(selector)}) != null`);

/** Pixels over the right edge: of the window, or of tables over the view's. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate<number>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const right = (element) => element?.getBoundingClientRect().right ?? 0;
    const edge = right(document.querySelector("main .heading"));
    const tables = [...document.querySelectorAll("table")].map((table) => Math.floor(right(table) - edge));
    return Math.max(0, scrollWidth - clientWidth, ...tables);
  })()`);

/** The colour behind everything. */
export const ground = (page: Page): Promise<string> =>
  page.evaluate<string>("getComputedStyle(document.body).backgroundColor");

export const cookiesOfScripts = (page: Page): Promise<string> => page.evaluate<string>("document.cookie");

export const clipboard = (page: Page): Promise<string> =>
  page.evaluate<string>("navigator.clipboard.readText()");
