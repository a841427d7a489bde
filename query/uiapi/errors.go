package uiapi

import (
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
)

var errNoRoute = fmt.Errorf("there is no such endpoint under /oriel/api/v1: %w", fault.ErrNotFound)
