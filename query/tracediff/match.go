package tracediff

// match returns the base span of each compared span that has one. Compared
// spans choose in their order: the first that is left under the same parent,
// else the first that is left.
func match(base, compare []*node) map[*node]*node {
	anywhere, under := map[identity][]*node{}, map[under][]*node{}
	for _, n := range base {
		anywhere[n.id] = append(anywhere[n.id], n)
		if n.parent != nil {
			under[n.under()] = append(under[n.under()], n)
		}
	}
	of := make(map[*node]*node, min(len(base), len(compare)))
	taken := make(map[*node]bool, len(of))
	for _, n := range compare {
		found := left(under, n.under(), taken)
		if found == nil {
			found = left(anywhere, n.id, taken)
		}
		if found != nil {
			of[n], taken[found] = found, true
		}
	}
	return of
}

// left returns the first of a list that is not taken, and forgets those before.
func left[K comparable](lists map[K][]*node, key K, taken map[*node]bool) *node {
	list := lists[key]
	for len(list) > 0 && taken[list[0]] {
		list = list[1:]
	}
	lists[key] = list
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
