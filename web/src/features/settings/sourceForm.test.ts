import { describe, expect, it } from "vitest";

import { changeOf } from "./SourceForm";

const source = { uid: "far", name: " Far ", type: "prometheus", url: "http://far:9090 ", basicAuthUser: "ann", isDefault: false };
const before = {
  ...source,
  basicAuth: true,
  jsonData: { httpMethod: "POST", httpHeaderName1: "X-Scope-OrgID", tlsSkipVerify: true },
  secureJsonFields: { basicAuthPassword: true, httpHeaderValue1: true, tlsCACert: true },
  version: 3,
};
const access = { credentials: "none", secret: "", tenant: "", skipVerify: false } as const;

describe("what is sent of a data source", () => {
  it("has a token and a tenant as headers", () => {
    expect(changeOf(source, undefined, { ...access, credentials: "token", secret: "abc", tenant: "shop" })).toMatchObject({
      name: "Far",
      url: "http://far:9090",
      basicAuth: false,
      jsonData: { httpHeaderName1: "Authorization", httpHeaderName2: "X-Scope-OrgID" },
      secureJsonData: { httpHeaderValue1: "Bearer abc", httpHeaderValue2: "shop" },
    });
  });
  it("leaves the credentials that there are alone", () => {
    expect(changeOf(source, before, { ...access, credentials: "kept", skipVerify: true })).toMatchObject({ basicAuth: true, basicAuthUser: "ann", jsonData: before.jsonData, secureJsonData: {} });
  });
  it("ends those of another kind, and keeps what it does not know", () => {
    const sent = changeOf(source, before, access);
    expect(sent).toMatchObject({ basicAuth: false, basicAuthUser: "", jsonData: { httpMethod: "POST" } });
    expect(sent.secureJsonData).toEqual({ basicAuthPassword: "", httpHeaderValue1: "" });
  });
});
