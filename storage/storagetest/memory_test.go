package storagetest_test

import (
	"testing"

	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMemoryConforms(t *testing.T) {
	storagetest.Run(t, func(*testing.T) storagetest.Store { return new(storagetest.Memory) }, nil)
}
