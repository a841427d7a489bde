/** A text as a regular expression that matches it alone, in the grammar of JavaScript and of Go. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
