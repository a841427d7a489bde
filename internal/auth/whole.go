package auth

import "github.com/prometheus/prometheus/model/labels"

// SeesWhole reports whether the identity sees everything that there is of a
// signal of one tenant, and so may know what cannot be told in part: how much
// of it comes in, from whom, and why some is refused.
func (id *Identity) SeesWhole(s Signal, tenant string) bool {
	if id.Governs() {
		return true
	}
	selectors, restricted := id.Sees(s)
	if !restricted {
		return true
	}
	for _, ms := range selectors {
		if id.Tenants != nil && isTenant(ms, tenant) {
			return true
		}
	}
	return false
}

// isTenant reports whether ms are about the tenant and nothing else.
func isTenant(ms []*labels.Matcher, tenant string) bool {
	for _, m := range ms {
		if m.Name != TenantLabel || !m.Matches(tenant) {
			return false
		}
	}
	return true
}
