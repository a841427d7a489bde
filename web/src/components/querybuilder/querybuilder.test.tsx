// @vitest-environment jsdom
import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";

import { renderPage, serve } from "../../test/renderPage";
import type { Language } from "../editor/language";
import { QueryBuilder } from "./QueryBuilder";

const answers = {
  "/api/v1/labels": { status: "success", data: ["__name__", "job", "instance"] },
  "/api/v1/label/__name__/values": { status: "success", data: ["http_requests_total", "up"] },
  "/api/v1/label/job/values": { status: "success", data: ["api", "db"] },
  "/loki/api/v1/labels": { status: "success", data: ["service_name", "pod"] },
  "/loki/api/v1/label/service_name/values": { status: "success", data: ["cart", "shop"] },
  "/tempo/api/v2/search/tags": { scopes: [{ name: "resource", tags: ["service.name"] }, { name: "span", tags: ["http.route"] }] },
  "/tempo/api/v2/search/tag/": { tagValues: [{ type: "string", value: "cart" }] },
};

function open(language: Language, query: string, fill?: (text: string) => string) {
  function Page() {
    const [text, setText] = useState(query);
    return (
      <>
        <QueryBuilder language={language} query={text} onChange={setText} {...(fill ? { fill } : {})} />
        <output aria-label="text">{text}</output>
        <button type="button" onClick={() => setText("sum(x) # by hand")}>
          Type
        </button>
      </>
    );
  }
  renderPage("/", Page, "/");
  return { text: () => screen.getByLabelText("text").textContent, user: userEvent.setup({ delay: null }) };
}

const builder = () => screen.findByRole("group", { name: "Builder" });

async function add(user: ReturnType<typeof userEvent.setup>, menu: string, item: RegExp) {
  await user.click(within(await builder()).getByRole("button", { name: menu }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
}

// The code of the editor is loaded when it is first wanted.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("PromQL", () => {
  test("is made of a metric, a condition, a rate and a sum, chosen from what there is", async () => {
    const asked = serve(answers);
    const { text, user } = open("promql", "");
    await user.click(await screen.findByLabelText("Metric", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "http_requests_total" }));
    expect(text()).toBe("http_requests_total");
    await user.click(screen.getByLabelText("Add a condition", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "job" }));
    // A condition without a value is not in the query yet.
    expect(text()).toBe("http_requests_total");
    await user.click(screen.getByLabelText("Value of job", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "api" }));
    expect(text()).toBe('http_requests_total{job="api"}');
    await add(user, "Operation", /Rate/);
    await add(user, "Operation", /Sum/);
    await user.type(screen.getByLabelText("Labels to group by", { selector: "input" }), "instance{Enter}");
    expect(text()).toBe('sum by (instance) (rate(http_requests_total{job="api"}[$__rate_interval]))');
    await add(user, "Operation", /Function/);
    expect(text()).toBe('round(sum by (instance) (rate(http_requests_total{job="api"}[$__rate_interval])))');
    expect(asked.find((one) => one.pathname === "/api/v1/label/job/values")?.searchParams.get("match[]")).toBe("http_requests_total");
  });

  test("follows what is typed, and says when it cannot show it", async () => {
    serve(answers);
    const { user } = open("promql", "up");
    expect(await screen.findByLabelText("Metric", { selector: "input" })).toHaveValue("up");
    await user.click(screen.getByRole("button", { name: "Type" }));
    expect(screen.getByText(/it stays as text/)).toBeInTheDocument();
    expect(screen.queryByRole("group", { name: "Builder" })).not.toBeInTheDocument();
  });

  test("asks for names with the variables of a selector filled in", async () => {
    const asked = serve(answers);
    open("promql", 'up{job="$job"}', (text) => text.replace("$job", "api"));
    await builder();
    await waitFor(() => expect(asked.find((one) => one.pathname === "/api/v1/labels")?.searchParams.get("match[]")).toBe('up{job="api"}'));
  });

  test("a part without controls stays where it is while others change", async () => {
    serve(answers);
    const { text, user } = open("promql", "day_of_week(sum by (job) (up))");
    await builder();
    expect(screen.getByText("day_of_week(…)")).toBeInTheDocument();
    await user.click(screen.getByLabelText("Aggregation", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "max" }));
    expect(text()).toBe("day_of_week(max by (job) (up))");
  });
});

describe("LogQL", () => {
  test("is made of streams, filters, a parser, a condition and a count", async () => {
    serve(answers);
    const { text, user } = open("logql", "");
    await user.click(await screen.findByLabelText("Add a condition", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "service_name" }));
    await user.click(screen.getByLabelText("Value of service_name", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "cart" }));
    await add(user, "Stage", /Lines with a text/);
    await user.type(screen.getByLabelText("Text of the line", { selector: "input" }), "time out{Enter}");
    await add(user, "Stage", /JSON/);
    await add(user, "Stage", /Condition on a field/);
    await user.clear(screen.getByLabelText("Field", { selector: "input" }));
    await user.type(screen.getByLabelText("Field", { selector: "input" }), "status{Enter}");
    await user.click(screen.getByLabelText("How status is compared", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: ">=" }));
    await user.clear(screen.getByLabelText("Value of status", { selector: "input" }));
    await user.type(screen.getByLabelText("Value of status", { selector: "input" }), "500{Enter}");
    expect(text()).toBe('{service_name="cart"} |= "time out" | json | status >= 500');
    await add(user, "Operation", /Count lines/);
    await add(user, "Operation", /Sum/);
    await user.type(screen.getByLabelText("Labels to group by", { selector: "input" }), "pod{Enter}");
    expect(text()).toBe('sum by (pod) (count_over_time({service_name="cart"} |= "time out" | json | status >= 500 [$__auto]))');
    const [first] = within(await builder()).getAllByRole("button", { name: "Remove this step" });
    await user.click(first!);
    expect(text()).toBe('{service_name="cart"} |= "time out" | json | status >= 500');
  });

  test("a stage that is not filled in yet stays on the page, and out of the query", async () => {
    serve(answers);
    const { text, user } = open("logql", '{a="b"}');
    await builder();
    await add(user, "Stage", /unwrap/);
    expect(text()).toBe('{a="b"}');
    await user.type(screen.getByLabelText("Label with the value", { selector: "input" }), "bytes{Enter}");
    expect(text()).toBe('{a="b"} | unwrap bytes');
  });
});

describe("TraceQL", () => {
  test("is made of conditions and a function of the spans", async () => {
    serve(answers);
    const { text, user } = open("traceql", "{}");
    await builder();
    await user.click(screen.getByLabelText("Service", { selector: "input" }));
    await user.click(await screen.findByRole("option", { name: "cart" }));
    await user.click(screen.getByRole("radio", { name: "error" }));
    await add(user, "Condition", /^Attribute/);
    expect(text()).toBe('{ resource.service.name = "cart" && status = error }');
    await user.type(screen.getByLabelText("Value of span.http.route", { selector: "input" }), "/pay{Enter}");
    await user.type(screen.getByLabelText("Minimum duration"), "100ms{Enter}");
    expect(text()).toBe('{ resource.service.name = "cart" && status = error && span.http.route = "/pay" && duration >= 100ms }');
    await add(user, "Step", /Quantile/);
    await user.type(screen.getByLabelText("Attributes to group by", { selector: "input" }), "span.http.route{Enter}");
    expect(text()).toBe('{ resource.service.name = "cart" && status = error && span.http.route = "/pay" && duration >= 100ms } | quantile_over_time(duration, 0.95) by (span.http.route)');
  });

  test("conditions of which one is enough have no usual places", async () => {
    serve(answers);
    const { text, user } = open("traceql", '{ resource.service.name = "cart" || status = error }');
    await builder();
    expect(screen.queryByLabelText("Minimum duration")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Remove the condition on status" }));
    expect(text()).toBe('{ resource.service.name = "cart" }');
    expect(screen.getByLabelText("Service", { selector: "input" })).toHaveValue("cart");
  });

  test("text stays text, numbers stay numbers, whichever way they are compared", async () => {
    serve(answers);
    const { text, user } = open("traceql", '{ .code = "500" && .n = 1 }');
    await builder();
    const [value] = [screen.getByLabelText("Value of .code", { selector: "input" })];
    await user.clear(value);
    await user.type(value, "404{Enter}");
    await user.clear(screen.getByLabelText("Value of .n", { selector: "input" }));
    await user.type(screen.getByLabelText("Value of .n", { selector: "input" }), "2{Enter}");
    expect(text()).toBe('{ .code = "404" && .n = 2 }');
  });
});
