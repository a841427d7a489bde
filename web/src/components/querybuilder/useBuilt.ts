import { useMemo, useState } from "react";

/**
 * A query taken apart, and the way to change it. Parts that are not filled in yet, which the text leaves out, stay until
 * the text is changed elsewhere. Undefined where the query cannot be taken apart.
 */
export function useBuilt<Built>(query: string, read: (query: string) => Built | undefined, write: (built: Built) => string, onChange: (query: string) => void): [Built | undefined, (next: Built) => void] {
  const fresh = useMemo(() => read(query), [read, query]);
  const [kept, setKept] = useState<{ query: string; built: Built }>();
  const put = (next: Built): void => {
    const text = write(next);
    setKept({ query: text, built: next });
    if (text !== query) onChange(text);
  };
  return [kept?.query === query ? kept.built : fresh, put];
}
