import { useRouter, type AnyRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

import { boot } from "../lib/boot";
import type { FieldLink } from "../lib/dashboard/displayLinks";
import { parseSearch } from "../lib/urlState";

interface ValueLinkProps {
  link: FieldLink;
  className?: string | undefined;
  children?: ReactNode;
}

/** A data link. One into this page is followed without loading it anew. */
export function ValueLink({ link, className, children }: ValueLinkProps) {
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
  return (
    <a className={className} href={href} title={link.title} onClick={follow} {...((link.newTab || !link.local) && { target: "_blank" })} rel="noopener noreferrer">
      {children ?? link.title}
    </a>
  );
}
