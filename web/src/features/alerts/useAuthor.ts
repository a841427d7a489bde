import { useState } from "react";

import { boot } from "../../lib/boot";

const key = "oriel.author";

/** Whose name silences and acknowledgements bear, as the login says or this browser remembers it. */
export function useAuthor(): [string, (name: string) => void] {
  const [author, setAuthor] = useState(() => boot.user || (localStorage.getItem(key) ?? ""));
  return [
    author,
    (name) => {
      setAuthor(name);
      localStorage.setItem(key, name);
    },
  ];
}
