package notify

import _ "embed" // for the rules

// Rules is a rule file that fires when notifications do not arrive. It asks
// Oriel's own metrics.
//
//go:embed rules.yml
var Rules string
