import axe from "axe-core/axe.min.js";
import { chromium } from "playwright-core";

/** How long a page may take to show its data, on a slow machine, in milliseconds. */
export const patience = 20_000;

/** Starts Chromium; CHROMIUM_PATH says which. */
export function launch() {
  // Root, as in containers, cannot use Chromium's sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args });
}

/** Tells of what a page should not do, until it is closed; from before the page opens anything. */
export async function watch(made, complain) {
  made.on("console", (message) => message.type() === "error" && complain(`console: ${message.text()} (${message.location().url})`));
  made.on("pageerror", (error) => complain(`error: ${error.message}`));
  made.on("response", (response) => response.status() >= 400 && complain(`${response.status()} ${response.url()}`));
  // Leaving a page ends its requests.
  made.on("requestfailed", (request) => request.failure()?.errorText !== "net::ERR_ABORTED" && complain(`${request.failure()?.errorText} ${request.url()}`));
  await made.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
      // It is heard as what the page itself says.
      // oxlint-disable-next-line no-console
      console.error(`security policy: ${effectiveDirective} does not allow ${blockedURI}, at ${sourceFile}:${lineNumber}`),
    ),
  );
}

// Of these rules the theme decides; of others the markup does, which is one for both.
const ofColours = ["color-contrast", "link-in-text-block"];
const ofWCAG22AA = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

/** What axe finds on a page against WCAG 2.2 AA, as lines that begin with `what`. */
export async function violations(on, what, runOnly = ofWCAG22AA) {
  if (!(await on.evaluate(() => "axe" in globalThis))) await on.evaluate(axe.source);
  const found = await on.evaluate((options) => globalThis.axe.run(document, options), { runOnly, resultTypes: ["violations"] });
  return found.violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" ")}`);
}

/** The same in both themes. The page is left in the dark one. */
export async function violationsInBothThemes(on, what) {
  await wear(on, "light");
  const light = await violations(on, `${what}, light`);
  await wear(on, "dark");
  return [...light, ...(await violations(on, `${what}, dark`, ofColours))];
}

/** Has a page whose theme is the system's take one, at once. */
export async function wear(on, theme) {
  await on.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await on.waitForFunction((wanted) => document.documentElement.dataset.mantineColorScheme === wanted, theme);
}
