// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { renderPage } from "../../test/renderPage";
import { LoginPage } from "./LoginPage";

vi.mock("../../lib/boot", async (original) => {
  const { boot, ...rest } = await original<typeof import("../../lib/boot")>();
  return { ...rest, boot: { ...boot, prefix: "/obs", providers: [{ name: "corp", title: "Corp account" }] } };
});

afterEach(cleanup);

const open = (search: string) => renderPage("/", LoginPage, `/${search}`);

test.each([
  ["unavailable", "Corp account does not answer now."],
  ["expired", "That sign-in was begun in another browser, or took too long."],
  ["denied", "Corp account did not let you in."],
  ["norole", "Corp account knows you, but none of your groups has a role here: ask an administrator for one."],
  ["failed", "Signing in with Corp account did not work: an administrator finds the reason in the audit log."],
])("who was refused (%s) is told so in a sentence, and may try again", async (refused, sentence) => {
  open(`?refused=${refused}&provider=corp&next=%2Flogs`);
  expect(await screen.findByRole("alert")).toHaveTextContent(sentence);
  expect(screen.getByRole("link", { name: "Try again" })).toHaveAttribute("href", "/obs/oriel/api/v1/auth/oidc/corp/start?next=%2Flogs");
});

test("nobody is told the words of a link, nor led elsewhere", async () => {
  open("?refused=Call+us&provider=evil&next=https%3A%2F%2Fevil.example");
  expect(await screen.findByRole("link", { name: "Sign in with Corp account" })).toHaveAttribute("href", "/obs/oriel/api/v1/auth/oidc/corp/start?next=%2F");
  expect(screen.queryByRole("alert")).toBeNull();
  cleanup();
  open("?refused=unknown&provider=evil");
  expect(await screen.findByRole("alert")).toHaveTextContent("There is no such way to sign in here.");
  expect(screen.queryByRole("link", { name: "Try again" })).toBeNull();
});
