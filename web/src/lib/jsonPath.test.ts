import { expect, test } from "vitest";

import { readTextFields } from "./logFields";
import { fieldName, findInJson, isLeaf, membersOf, pathText, type JsonPath } from "./jsonPath";

const text = '{"user":{"id":33.0,"first name":"Ada"},"roles":["admin",{"x":null}],"ok":true,"-":1}';
const { document = {}, fields } = readTextFields(text);

test.each([
  [["user", "id"], "user.id"],
  [["roles", 0], "roles[0]"],
  [["roles", 1, "x"], "roles[1].x"],
  [["user", "first name"], 'user["first name"]'],
  [[], ""],
] as [JsonPath, string][])("the path %j is written %s", (path, written) => expect(pathText(path)).toBe(written));

test("fields are called as the json stage calls them", () => {
  const named: Record<string, string> = {};
  const visit = (value: unknown, path: JsonPath): void => {
    const name = isLeaf(value) ? fieldName(path, value) : undefined;
    if (name !== undefined) named[name] = String(value);
    if (!isLeaf(value)) for (const [part, member] of membersOf(value as object)) visit(member, [...path, part]);
  };
  visit(document, []);
  expect(named).toEqual({ ...fields });
});

test("what is looked for is found by name and by value, with what is around it", () => {
  expect([...findInJson(document, "ADA")].toSorted()).toEqual(["", "user", 'user["first name"]']);
  expect([...findInJson(document, "roles")].toSorted()).toEqual(["", "roles"]);
  expect(findInJson(document, "nobody").size).toBe(0);
});
