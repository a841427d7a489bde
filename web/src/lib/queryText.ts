import type { SyntaxNode } from "@lezer/common";

/** The named nodes directly inside a node, in the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

/** Whether a grammar finds a mistake below a node, or a comment: what is rebuilt from its parts would lose it. */
export function brokenOrCommented(node: SyntaxNode): boolean {
  let found = false;
  node.cursor().iterate((at) => {
    if (at.type.isError || at.name.endsWith("Comment")) found = true;
  });
  return found;
}

/** The text of a literal in double quotes or back-ticks; undefined for one with an escape that JSON does not know. */
export function literalText(written: string): string | undefined {
  if (written.startsWith("`")) return written.slice(1, -1);
  try {
    return JSON.parse(written) as string;
  } catch {
    return undefined;
  }
}

/** A literal of LogQL or TraceQL: in back-ticks where quotes would need escapes. */
export function literal(text: string): string {
  return /["\\]/.test(text) && !text.includes("`") ? `\`${text}\`` : JSON.stringify(text);
}
