// The ways in, on a server that wants to know who asks and has no user yet: ORIEL_SETUP is the link that it has printed,
// CORP_USER may come in by the provider "Corp account" and CORP_STRANGER may not, both with CORP_PASSWORD.
import assert from "node:assert/strict";

import { authenticator } from "./authenticator.mjs";
import { violationsInBothThemes } from "./browser.mjs";
import { base, context, dialog, forgive, heading, newPage, page, step } from "./step.mjs";

const setup = process.env.ORIEL_SETUP;
const password = "correct horse battery staple";
const notYet = [/^401 /, /status of 401/];

// Of the second factor, from the step that sets it up.
let code;
let recovery;

const passwordField = (on, name = "Password") => on.getByRole("textbox", { name, exact: true });
const codeField = (on) => on.getByLabel(/^Code of your authenticator/);
const submit = (on) => on.getByRole("button", { name: "Sign in", exact: true }).click();

async function giveName(on, given = password) {
  await on.getByLabel("User").fill("ada");
  await passwordField(on).fill(given);
  await submit(on);
}

async function signedIn(on = page, as = "ada") {
  await on.getByRole("button", { name: `Signed in as ${as}` }).waitFor();
}

async function accessible(what) {
  assert.deepEqual(await violationsInBothThemes(page, what), []);
}

step("the link that the server printed makes the first administrator, once", async () => {
  await page.goto(setup);
  await page.getByRole("form", { name: "First administrator" }).waitFor();
  await accessible("set-up");
  await page.getByLabel("User").fill("ada");
  await passwordField(page).fill(password);
  await passwordField(page, "Password again").fill("something else");
  await page.getByText("The two differ.").waitFor();
  await passwordField(page, "Password again").fill(password);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByText("Nothing has arrived yet").waitFor();
  await signedIn();

  const late = await newPage();
  forgive(/^40[13] .*setup/, /status of 40[13]/);
  await late.goto(setup);
  await late.getByLabel("User").fill("eve");
  await passwordField(late).fill(password);
  await passwordField(late, "Password again").fill(password);
  await late.getByRole("button", { name: "Make the account" }).click();
  await late.getByRole("alert").waitFor();
});

step("a link leads through the login to where it points, and a wrong password nowhere", async () => {
  forgive(...notYet);
  await page.goto(`${base}/explore/logs?from=now-3h&to=now`);
  await page.waitForURL(/\/login\?next=/);
  await accessible("login");
  await giveName(page, "not the password");
  await page.getByRole("alert").waitFor();
  assert.match(page.url(), /\/login\?next=/);
  await giveName(page);
  await heading("Logs").waitFor();
  assert.match(page.url(), /\/explore\/logs\?from=now-3h&to=now/);
  await signedIn();
});

step("signing out ends the session, in the browser and at the server", async () => {
  await page.goto(`${base}/login`);
  await giveName(page);
  await signedIn();
  const cookies = await context.cookies();
  await page.getByRole("button", { name: "Signed in as ada" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  assert.deepEqual(await context.cookies(), []);
  // Whoever has kept the cookie has nothing.
  await context.addCookies(cookies);
  const answer = await context.request.get(`${base}/api/v1/query?query=1`);
  assert.equal(answer.status(), 401);
});

step("a session that was ended elsewhere asks for the password over the page, which stays", async () => {
  await page.goto(`${base}/login?next=/data`);
  await giveName(page);
  await heading("Data").waitFor();
  forgive(...notYet);
  const elsewhere = await context.browser().newContext();
  const other = await elsewhere.newPage();
  await other.goto(`${base}/login?next=/settings/sessions`);
  await giveName(other);
  await signedIn(other);
  const sessions = other.getByRole("table", { name: "Sessions" }).getByRole("row");
  await other.getByText("this one").waitFor();
  for (;;) {
    const end = sessions.getByRole("button", { name: "End session of ada" }).first();
    // oxlint-disable-next-line no-await-in-loop
    const shown = await sessions.count();
    // oxlint-disable-next-line no-await-in-loop
    if (!(await end.isVisible())) break;
    // oxlint-disable-next-line no-await-in-loop
    await end.click();
    // oxlint-disable-next-line no-await-in-loop
    await other.getByRole("button", { name: "Really End session of ada" }).click();
    // oxlint-disable-next-line no-await-in-loop
    await sessions.nth(shown - 1).waitFor({ state: "detached" }); // the list is a row shorter
  }
  await elsewhere.close();

  await page.getByRole("button", { name: "Refresh", exact: true }).click();
  await passwordField(dialog()).waitFor();
  await accessible("login over the page");
  await giveName(dialog());
  await dialog().waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "What comes in" }).waitFor();
  await signedIn();
});

step("a second factor is set up with an authenticator, which has to show that it works", async () => {
  forgive(/^40[013] .*totp/, /status of 40[013]/);
  await page.goto(`${base}/login?next=/settings/profile`);
  await giveName(page);
  const factor = page.getByRole("region", { name: "Second factor" });
  await passwordField(factor).fill(password);
  await factor.getByRole("button", { name: "Add an authenticator" }).click();
  await factor.getByRole("img", { name: /QR code/ }).waitFor();
  code = authenticator((await factor.locator("code").textContent()).replaceAll(" ", ""));
  await accessible("second factor");
  await factor.getByLabel("Code that it shows now").fill("000000");
  await factor.getByRole("button", { name: "Switch it on" }).click();
  await factor.getByRole("alert").waitFor();
  await factor.getByLabel("Code that it shows now").fill(code());
  await factor.getByRole("button", { name: "Switch it on" }).click();
  const codes = factor.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await codes.first().waitFor();
  recovery = await codes.allTextContents();
  await accessible("recovery codes");
  await factor.getByRole("button", { name: "I have kept them" }).click();
  await factor.getByText(`${recovery.length} recovery codes left`).waitFor();
  await accessible("a second factor that is on");
});

step("signing in takes the password and a code, or a recovery code, each once", async () => {
  forgive(...notYet);
  await page.goto(`${base}/login?next=/data`);
  await giveName(page);
  await codeField(page).waitFor();
  await accessible("login with a code");
  await codeField(page).fill("000000");
  await submit(page);
  await page.getByText(/code is wrong, or was used/).waitFor();
  const good = code();
  await codeField(page).fill(good);
  await submit(page);
  await heading("Data").waitFor();
  await signedIn();

  for (const [given, works] of [
    [good, false],
    [recovery[0], true],
    [recovery[0], false],
  ]) {
    // oxlint-disable-next-line no-await-in-loop
    await context.clearCookies();
    // oxlint-disable-next-line no-await-in-loop
    await page.goto(`${base}/login?next=/data`);
    // oxlint-disable-next-line no-await-in-loop
    await giveName(page);
    // oxlint-disable-next-line no-await-in-loop
    await codeField(page).fill(given);
    // oxlint-disable-next-line no-await-in-loop
    await submit(page);
    // oxlint-disable-next-line no-await-in-loop
    await (works ? heading("Data") : page.getByText(/code is wrong, or was used/)).waitFor();
  }
});

step("somebody of the company comes in by its provider, with the role of their group", async () => {
  await page.goto(`${base}/explore/traces?from=now-3h&to=now`);
  await page.getByRole("link", { name: "Sign in with Corp account" }).click();
  await atCorp(page, process.env.CORP_USER);
  await heading("Traces").waitFor();
  assert.match(page.url(), /\/explore\/traces\?from=now-3h&to=now/);
  await signedIn(page, `corp:${process.env.CORP_USER}`);
  await page.goto(`${base}/settings/users`);
  await page.getByRole("button", { name: "Reset second factor ada" }).waitFor();
  await accessible("users, one with a second factor");
});

step("who has no role here is told so", async () => {
  await page.goto(`${base}/login`);
  await page.getByRole("link", { name: "Sign in with Corp account" }).click();
  await atCorp(page, process.env.CORP_STRANGER);
  await page.getByText("Corp account knows you, but none of your groups has a role here").waitFor();
  await accessible("a refused sign-in");
  await page.getByRole("link", { name: "Try again" }).waitFor();
});

async function atCorp(on, user) {
  // The provider's page has no icon.
  forgive(/404 .*\/favicon\.ico/);
  await on.locator("[name=username]").fill(user);
  await on.locator("[name=password]").fill(process.env.CORP_PASSWORD);
  await on.locator("[type=submit]").click();
}
