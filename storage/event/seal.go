package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// seal is how a sealed JSON file begins; eight hex digits, a quote and a comma
// follow. The checksum covers the rest of the file.
const seal = `{"crc32c":"`

// sealJSON encodes a struct, with a checksum as its first member.
func sealJSON(v any) ([]byte, error) {
	body, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, err
	}
	body = append(body[1:], '\n')
	return append(appendSeal(nil, body), body...), nil
}

// appendSeal appends what comes before body.
func appendSeal(dst, body []byte) []byte { return fmt.Appendf(dst, `%s%08x",`, seal, checksum(body)) }

// unsealJSON checks and decodes what sealJSON wrote.
func unsealJSON(b []byte, v any) error {
	rest, ok := strings.CutPrefix(string(b), seal)
	if !ok || len(rest) < 10 || rest[8:10] != `",` {
		return errors.New("does not begin with a checksum")
	}
	want, err := strconv.ParseUint(rest[:8], 16, 32)
	if err != nil {
		return fmt.Errorf("checksum: %w", err)
	}
	body := []byte(rest[10:])
	if checksum(body) != uint32(want) {
		return errors.New("checksum mismatch")
	}
	return json.Unmarshal(append([]byte{'{'}, body...), v)
}
