/** Names that begin the same. */
export interface PrefixGroup {
  /** What all of them begin with, the separator included: "http_server_". */
  prefix: string;
  /** The part of it that the group above does not have. */
  label: string;
  count: number;
  groups: PrefixGroup[];
  /** Names that belong to no group below. */
  names: string[];
}

const separator = /[_.:]/;
// Fewer than these are listed as they are.
const least = 3;

/** Groups names by the words they begin with; a group that has but one group inside is that group. Names are sorted. */
export function prefixTree(names: readonly string[]): PrefixGroup {
  return groupOf("", "", names);
}

function groupOf(prefix: string, label: string, names: readonly string[]): PrefixGroup {
  const byWord = new Map<string, string[]>();
  const own: string[] = [];
  for (const name of names) {
    const at = name.slice(prefix.length).search(separator);
    if (at < 0) own.push(name);
    else {
      const word = name.slice(prefix.length, prefix.length + at + 1);
      const members = byWord.get(word);
      if (members) members.push(name);
      else byWord.set(word, [name]);
    }
  }
  const groups: PrefixGroup[] = [];
  for (const [word, members] of byWord) {
    if (members.length < least) own.push(...members);
    else groups.push(groupOf(prefix + word, word, members));
  }
  const [only] = groups;
  if (groups.length === 1 && only && own.length === 0 && prefix !== "") return { ...only, label: label + only.label };
  return { prefix, label, count: names.length, groups, names: own.toSorted() };
}

/** A line of the tree: a group, or a name in one. */
export type TreeRow = { depth: number } & ({ group: PrefixGroup; open: boolean } | { name: string });

/** The lines in sight: groups in their order, those in `open` with what is in them. */
export function treeRows(tree: PrefixGroup, open: ReadonlySet<string>, depth = 0): TreeRow[] {
  return [
    ...tree.groups.flatMap((group): TreeRow[] => {
      const isOpen = open.has(group.prefix);
      return [{ depth, group, open: isOpen }, ...(isOpen ? treeRows(group, open, depth + 1) : [])];
    }),
    ...tree.names.map((name) => ({ depth, name })),
  ];
}
