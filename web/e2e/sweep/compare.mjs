/** What a panel asks of Prometheus' API, `{path, body}`, without what its dashboard asks for annotations. `address` is the dashboard's. */
export async function askedBy(page, address, id) {
  // A panel that is not there asks nothing: what is asked then, is asked for all.
  const shared = new Set((await askedAt(page, `${address}&viewPanel=0`, "text=There is no panel 0")).map(queryOf));
  const asked = await askedAt(page, `${address}&viewPanel=${id}`, "[data-panel] [data-nothing]");
  return asked.filter((one) => !shared.has(queryOf(one)));
}

async function askedAt(page, address, shown) {
  const asked = [];
  const onRequest = (request) => {
    const { pathname } = new URL(request.url());
    const path = /\/api\/v1\/query(_range)?$/.exec(pathname)?.[0];
    if (path && request.postData()) asked.push({ path, body: request.postData() });
  };
  page.on("request", onRequest);
  try {
    await page.goto(address, { waitUntil: "networkidle" });
    await page.locator(shown).first().waitFor({ timeout: 20_000 });
  } finally {
    page.off("request", onRequest);
  }
  return asked;
}

function queryOf({ body }) {
  return new URLSearchParams(body).get("query");
}

/** Whether a Prometheus answers all of the requests with no series. */
export async function isEmptyAt(base, asked) {
  for (const { path, body } of asked) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await (await fetch(base + path, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body })).json();
    if (answer.status !== "success") throw new Error(`Prometheus: ${answer.error}`);
    if (answer.data.result.length > 0) return false;
  }
  return true;
}
