import { useNavigate } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";

import { boot } from "../../../lib/boot";
import type { Target } from "../../../lib/dashboard/links";
import { parseSearch } from "../../../lib/urlState";

interface LinkAnchorProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "target" | "href"> {
  target: Target;
  newTab?: boolean;
  /** The accessible name, where the content is a picture. */
  label?: string;
  children?: ReactNode;
}

/** A link of a dashboard. One that stays here does not load the page anew. */
export function LinkAnchor({ target, newTab = false, label, children, onClick, ...rest }: LinkAnchorProps) {
  const navigate = useNavigate();
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (!target.local || newTab || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const to = new URL(target.href, "http://here/");
    void navigate({ to: to.pathname, search: parseSearch(to.search), ...(to.hash ? { hash: to.hash.slice(1) } : {}) });
  };
  const href = target.local ? `${boot.prefix}${target.href}` : target.href;
  return (
    <a {...rest} href={href} {...(newTab ? { target: "_blank" } : {})} rel="noopener noreferrer" aria-label={label} onClick={follow}>
      {children}
    </a>
  );
}
