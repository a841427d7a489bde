import { expect, test } from "vitest";

import { likelyNames } from "./metricNames";

test("what begins with the text comes first, then words of it, then parts in any order", () => {
  const names = ["a_http_total", "http_total", "total_of_http", "up"];
  expect(likelyNames(names, "http")).toEqual(["http_total", "a_http_total", "total_of_http"]);
  expect(likelyNames(names, "total http")).toEqual(["a_http_total", "http_total", "total_of_http"]);
  expect(likelyNames(names, "")).toEqual(names);
});

test("of a hundred thousand names a few are offered", () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `team_${index % 97}_service_${index}_requests_total`);
  for (const typed of ["t", "te", "serv", "requests_total", "team_96_service_99", "zzz"]) expect(likelyNames(names, typed).length).toBeLessThanOrEqual(300);
  expect(likelyNames(names, "service_99999")).toEqual(["team_89_service_99999_requests_total"]);
});
