import { describe, expect, it } from "vitest";

import { ofSeries, tabularCSV, tabularJSON } from "./tabular";

const rates = ofSeries("Rate", [
  { name: "cart", times: [60, 120], values: [1, null] },
  { name: "pay, card", times: [120, 180], values: [2, 3] },
]);
const services = { title: "Services", columns: ["name", "p95"], rows: [['the "old" one', 0.5]] };

describe("what is shown, as rows", () => {
  it("has a row for every time of any series, empty where one has no value", () => {
    expect(tabularCSV([rates])).toBe('time,cart,"pay, card"\r\n1970-01-01T00:01:00.000Z,1,\r\n1970-01-01T00:02:00.000Z,,2\r\n1970-01-01T00:03:00.000Z,,3\r\n');
  });
  it("has titles where there are several parts", () => {
    expect(tabularCSV([rates, services]).split("\r\n")).toEqual(["Rate", 'time,cart,"pay, card"', expect.any(String), expect.any(String), expect.any(String), "", "Services", "name,p95", '"the ""old"" one",0.5', ""]);
  });
  it("is a list of objects in JSON, with what shows it", () => {
    expect(JSON.parse(tabularJSON([services], "https://oriel/x"))).toEqual({ link: "https://oriel/x", parts: [{ title: "Services", rows: [{ name: 'the "old" one', p95: 0.5 }] }] });
  });
});
