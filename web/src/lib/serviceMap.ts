/** A call drawn from one node to another, by their names. */
export interface Link {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

/** Where a map's nodes stand and its links run, from (0, 0) on. */
export interface MapLayout {
  width: number;
  height: number;
  /** The middle of each node, by name. */
  nodes: Map<string, Point>;
  /**
   * One for each link, in their order: the middles of its two nodes, and between them where it crosses other layers. A node
   * that calls itself has one point, a link with an end that is not on the map none.
   */
  routes: Point[][];
}

/** Room for each thing: columns and rows of nodes, and the lanes in which links pass a column; a lane is as high as a row without its own. */
export interface Grid {
  column: number;
  row: number;
  lane?: number;
}

// Sweeps over the layers; what they gain falls off quickly.
const sweeps = 8;

/**
 * Puts nodes into layers, from left to right in the direction of the links, so that few links cross. The same nodes and
 * links, in whatever order, come out the same: a map does not jump when it is refreshed. Links that would run in a circle
 * run back to the left.
 */
export function layoutMap(names: readonly string[], links: readonly Link[], grid: Grid): MapLayout {
  const sorted = [...new Set(names)].toSorted();
  const known = new Set(sorted);
  const usable = links.filter(({ from, to }) => from !== to && known.has(from) && known.has(to));
  const layers = layersOf(sorted, forward(sorted, usable));
  const columns: string[][] = [];
  for (const name of sorted) (columns[layers.get(name) ?? 0] ??= []).push(name);
  const chains = chainsOf(usable, layers, columns);
  order(columns, chains);

  const room = (name: string): number => (known.has(name) ? grid.row : (grid.lane ?? grid.row));
  const heights = columns.map((column) => column.reduce((sum, name) => sum + room(name), 0));
  const tallest = Math.max(0, ...heights);
  const places = new Map<string, Point>();
  columns.forEach((column, layer) => {
    let top = (tallest - (heights[layer] ?? 0)) / 2;
    for (const name of column) {
      places.set(name, { x: (layer + 0.5) * grid.column, y: top + room(name) / 2 });
      top += room(name);
    }
  });
  const at = (name: string): Point => places.get(name) ?? { x: 0, y: 0 };
  return {
    width: columns.length * grid.column,
    height: tallest,
    nodes: new Map(sorted.map((name) => [name, at(name)])),
    routes: links.map((link) => (link.from === link.to && known.has(link.to) ? [at(link.to)] : (chains.get(key(link)) ?? []).map(at))),
  };
}

function key({ from, to }: Link): string {
  return JSON.stringify([from, to]);
}

/** Who is called by whom, without the links that close a circle. */
function forward(names: readonly string[], links: readonly Link[]): Map<string, string[]> {
  const called = new Map<string, string[]>(names.map((name) => [name, []]));
  const callers = new Map<string, number>();
  for (const { from, to } of links) {
    called.get(from)?.push(to);
    callers.set(to, (callers.get(to) ?? 0) + 1);
  }
  for (const list of called.values()) list.sort();
  const kept = new Map<string, string[]>();
  const open = new Set<string>();
  const visit = (name: string): void => {
    if (kept.has(name)) return;
    const list: string[] = [];
    kept.set(name, list);
    open.add(name);
    for (const next of called.get(name) ?? []) {
      if (open.has(next)) continue;
      list.push(next);
      visit(next);
    }
    open.delete(name);
  };
  // From those nobody calls, so that a circle behind them is cut where the calls come back.
  for (const name of names.toSorted((a, b) => Number(callers.has(a)) - Number(callers.has(b)))) visit(name);
  return kept;
}

/** The layer of each node: one more than that of its rightmost caller. */
function layersOf(names: readonly string[], called: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const waiting = new Map<string, number>(names.map((name) => [name, 0]));
  for (const list of called.values()) for (const to of list) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const layers = new Map<string, number>(names.map((name) => [name, 0]));
  const ready = names.filter((name) => waiting.get(name) === 0);
  for (let name = ready.shift(); name !== undefined; name = ready.shift()) {
    const next = (layers.get(name) ?? 0) + 1;
    for (const to of called.get(name) ?? []) {
      layers.set(to, Math.max(layers.get(to) ?? 0, next));
      const left = (waiting.get(to) ?? 0) - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return layers;
}

/** The stations of each link, one in each layer from its caller's to its called one's; those between are put into `columns`. */
function chainsOf(links: readonly Link[], layers: ReadonlyMap<string, number>, columns: string[][]): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  for (const link of links.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))) {
    if (chains.has(key(link))) continue;
    const from = layers.get(link.from) ?? 0;
    const to = layers.get(link.to) ?? 0;
    const by = Math.sign(to - from);
    const chain = [link.from];
    for (let layer = from + by; layer !== to; layer += by) {
      const station = `${key(link)} ${layer}`;
      columns[layer]?.push(station);
      chain.push(station);
    }
    chains.set(key(link), [...chain, link.to]);
  }
  return chains;
}

/** Orders each column by where its neighbours in the column before, then in the one after, stand. */
function order(columns: string[][], chains: ReadonlyMap<string, readonly string[]>): void {
  const layer = new Map(columns.flatMap((column, index) => column.map((name) => [name, index] as const)));
  const neighbours = new Map<string, string[]>([...layer.keys()].map((name) => [name, []]));
  for (const chain of chains.values()) {
    chain.slice(1).forEach((name, index) => {
      const before = chain[index] ?? "";
      neighbours.get(name)?.push(before);
      neighbours.get(before)?.push(name);
    });
  }
  const place = new Map<string, number>();
  const number = (column: readonly string[]): void => column.forEach((name, index) => place.set(name, index - (column.length - 1) / 2));
  columns.forEach(number);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const step = sweep % 2 === 0 ? 1 : -1;
    const first = step === 1 ? 1 : columns.length - 2;
    for (let index = first; index >= 0 && index < columns.length; index += step) {
      const column = columns[index] ?? [];
      const wish = new Map(column.map((name) => [name, mean(name, index - step)]));
      column.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || (place.get(a) ?? 0) - (place.get(b) ?? 0));
      number(column);
    }
  }

  function mean(name: string, beside: number): number {
    const found = (neighbours.get(name) ?? []).filter((one) => layer.get(one) === beside);
    if (found.length === 0) return place.get(name) ?? 0;
    return found.reduce((sum, one) => sum + (place.get(one) ?? 0), 0) / found.length;
  }
}
