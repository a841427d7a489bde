package main

import (
	"encoding/binary"
	"math"
)

// Just enough protobuf encoding for the push formats: the load is encoded
// without the libraries of any target, and bytes stay the same for ever.

func pbVarint(b []byte, field int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(field)<<3), v)
}

func pbFixed64(b []byte, field int, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.AppendUvarint(b, uint64(field)<<3|1), v)
}

func pbDouble(b []byte, field int, v float64) []byte {
	return pbFixed64(b, field, math.Float64bits(v))
}

// pbBytes also encodes strings and nested messages.
func pbBytes[T []byte | string](b []byte, field int, v T) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|2)
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}
