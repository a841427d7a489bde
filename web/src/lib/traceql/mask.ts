/** The query with intrinsics that the grammar lacks as attributes of the same length: what is where stays. */
export function maskIntrinsics(query: string): string {
  return query.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|(?<![\w.:])nestedSet(?:Left|Right|Parent)\b/g, (found) => (/^["`]/.test(found) ? found : `.${found.slice(1)}`));
}
