import { Menu } from "@mantine/core";
import { useRouter, type AnyRouter } from "@tanstack/react-router";
import type { ComponentProps, MouseEvent, ReactNode } from "react";

import { boot } from "../lib/boot";
import type { FieldLink } from "../lib/dashboard/displayLinks";
import { parseSearch } from "../lib/urlState";

interface ValueLinkProps {
  link: FieldLink;
  className?: string | undefined;
  children?: ReactNode;
}

/** A data link. */
export function ValueLink({ link, className, children }: ValueLinkProps) {
  return (
    <a className={className} title={link.title} {...useLinkProps(link)}>
      {children ?? link.title}
    </a>
  );
}

/** A data link in a menu. */
export function LinkItem({ link }: { link: FieldLink }) {
  return (
    <Menu.Item component="a" {...useLinkProps(link)}>
      {link.title}
    </Menu.Item>
  );
}

/** What makes an element a data link. One into this page is followed without loading it anew. */
function useLinkProps(link: FieldLink): Pick<ComponentProps<"a">, "href" | "target" | "rel" | "onClick"> {
  // A panel may be drawn where there is no router, such as alone in a test.
  const router = useRouter({ warn: false }) as AnyRouter | undefined;
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!router || !link.local || link.newTab || !plain) return;
    event.preventDefault();
    const to = new URL(link.href, "http://here/");
    void router.navigate({ to: to.pathname, search: parseSearch(to.search) });
  };
  const href = link.local ? `${boot.prefix}${link.href}` : link.href;
  return { href, onClick: follow, rel: "noopener noreferrer", ...((link.newTab || !link.local) && { target: "_blank" }) };
}
