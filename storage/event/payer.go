package event

// charge notes whose so many bytes of the head are.
func (h *head) charge(payer string, bytes int64) {
	if payer == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.payers == nil {
		h.payers = map[string]int64{}
	}
	h.payers[payer] += bytes
}

// fills reports whether heads hold more of payer's than of all others' whose
// rows they have. Others that are not known by name do not count: the process
// writes about itself all the time.
func fills(payer string, heads []*head) bool {
	if payer == "" {
		return false
	}
	var own, others int64
	for _, h := range heads {
		h.mu.RLock()
		for name, bytes := range h.payers {
			if name == payer {
				own += bytes
			} else {
				others += bytes
			}
		}
		h.mu.RUnlock()
	}
	return others > 0 && own > others
}
