// The demo's incident, as somebody meets it who has never seen the shop: its cause in six clicks, and the way from the alert
// through all signals to a silence. It needs a demo whose incident is to come.
import assert from "node:assert/strict";

import { patience } from "./browser.mjs";
import { dialog, heading, open, page, step } from "./step.mjs";

const causes = /bank gateway did not answer within 2s|deadlock detected while updating stock|canceling statement due to statement timeout/;

const main = () => page.getByRole("main");

/** Opens the overview, and waits until it tells of the alert. */
async function land() {
  await open("/?from=now-15m&to=now&refresh=5s", "Overview");
  const alert = page.getByRole("list", { name: "Active alerts" }).getByRole("listitem").filter({ hasText: "HighErrorRatio" }).filter({ hasText: "payment" }).filter({ hasText: /critical|firing/i }).first();
  await alert.waitFor({ timeout: 5 * patience });
  return alert;
}

step("the cause of the incident is found in at most six clicks, without typing", async () => {
  let clicks = 0;
  const click = async (what) => {
    clicks++;
    await what.click();
  };
  await click((await land()).getByRole("link", { name: "Evidence" }));
  await heading("Alerts").waitFor();
  const traces = page.getByRole("region", { name: "Traces", exact: true });
  await traces.getByText(/payment fails in POST \/charge/).first().waitFor();
  await page.getByRole("region", { name: "What is different" }).getByText(/zone.*=eu-1b/).waitFor();
  await click(traces.getByRole("listitem").filter({ hasText: "failed" }).getByRole("link").first());
  const span = page.getByRole("complementary", { name: "Span detail" });
  await span.getByText("payment", { exact: true }).waitFor();
  await click(span.getByRole("tab", { name: /^Events/ }));
  await span.getByText(causes).first().waitFor();
  assert.ok(clicks <= 6, `${clicks} clicks`);
});

step("from the alert to its graph, the logs of that minute, a failing trace, its logs, and a silence", async () => {
  await (await land()).getByRole("link", { name: "Evidence" }).click();
  await page.getByRole("img", { name: /^Value of HighErrorRatio: / }).waitFor();
  await main().getByRole("link", { name: "Metrics", exact: true }).click();
  await heading("Metrics").waitFor();
  await page.getByRole("img", { name: /^service:http_errors:ratio1m/ }).waitFor();
  await page.getByRole("button", { name: /^More about .*payment/ }).click();
  await page.getByRole("menuitem", { name: "Error logs at this time" }).click();
  const beside = page.getByRole("dialog", { name: "Error logs at this time" });
  await beside.getByRole("list", { name: "Lines" }).getByText(causes).first().waitFor();
  await beside.getByRole("link", { name: "Open in Logs" }).click();

  await heading("Logs").waitFor();
  const { searchParams } = new URL(page.url());
  const width = Number(searchParams.get("to")) - Number(searchParams.get("from"));
  assert.ok(width > 0 && width <= 2 * 60_000, `the logs of ${width} ms`);
  await page.getByRole("row").filter({ hasText: causes }).first().click();
  await page.getByRole("link", { name: "Open trace" }).click();

  await page.waitForURL(/\/trace\/[0-9a-f]{32}/);
  const trace = /\/trace\/([0-9a-f]{32})/.exec(page.url())[1];
  await page.getByText(/\d+ failed$/).waitFor();
  await page.getByRole("link", { name: "Logs of this trace" }).click();
  await heading("Logs").waitFor();
  assert.ok(page.url().includes(trace));
  await page.getByRole("row").filter({ hasText: causes }).first().waitFor();

  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Alerts", exact: true }).click();
  await heading("Alerts").waitFor();
  const alert = page.getByRole("list", { name: "Alerts of payment" }).getByRole("listitem").filter({ hasText: "HighErrorRatio" });
  await alert.getByRole("link", { name: "Own page" }).click();
  await heading(/HighErrorRatio/).waitFor();
  await page.getByRole("button", { name: "Silence…" }).click();
  await dialog().getByLabel("Your name").fill("ada");
  await dialog().getByLabel("Comment").fill("the bank is looking into it");
  await dialog().getByRole("status", { name: "Preview" }).getByText(/Mutes 1 alert now: HighErrorRatio/).waitFor();
  await dialog().getByRole("button", { name: "Silence", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
  await page.getByText("Nobody is told: silenced.").first().waitFor({ timeout: 5000 });

  // What others of this server wait for is told again.
  await page.getByRole("link", { name: "All alerts" }).click();
  await page.getByText("Silences", { exact: true }).click();
  const silence = page.getByRole("list", { name: "Silences" }).getByRole("listitem").filter({ hasText: "the bank is looking into it" });
  await silence.getByRole("button", { name: "Expire now" }).click();
  await silence.getByText(/expired$/).waitFor();
});
