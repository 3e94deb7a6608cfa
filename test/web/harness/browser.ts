import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { findProgram } from "../../clients/find-program.ts";

/** Test options that skip a test, saying why, where there is no browser. */
export function needsBrowser(): { skip: string | false } {
  return {
    skip:
      findProgram("chromium") === undefined &&
      "no chromium; apt-get install --no-install-recommends chromium",
  };
}

export interface Look {
  width: number;
  height: number;
  theme: "light" | "dark";
}

export const desk = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

export interface OpenPage extends AsyncDisposable {
  page: Page;
  /** What the page was refused or complained about so far: breaches of its policy, faults of its scripts. */
  complaints: string[];
}

export interface TestBrowser extends AsyncDisposable {
  /** A visitor with cookies and storage of their own. */
  open(origin: string, look?: Partial<Look>): Promise<OpenPage>;
}

/** Longer than anything on a loaded machine; what isn't there by then never comes. */
const late = 20_000;

/** Debian's chromium without a screen. Its processes end with it. */
export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = findProgram("chromium");
  if (executablePath === undefined) throw new Error("no chromium");
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    timeout: 60_000,
  });
  return {
    async open(origin, { width = desk.width, height = desk.height, theme = "light" } = {}) {
      const context: BrowserContext = await browser.newContext({
        baseURL: origin,
        viewport: { width, height },
        colorScheme: theme,
        reducedMotion: "reduce",
        hasTouch: width < 600,
      });
      context.setDefaultTimeout(late);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
      page.on("console", (message) => {
        if (/Content.Security.Policy|^CSP /i.test(message.text())) complaints.push(message.text());
      });
      await page.addInitScript({
        content: `document.addEventListener("securitypolicyviolation", (event) => {
          console.error("CSP " + event.violatedDirective + ": " + event.blockedURI);
        });`,
      });
      return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
