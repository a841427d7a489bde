package syslog

import "unsafe"

// texts makes strings of messages, many in one piece of memory: their rows are
// kept together, until they are written to a part. It is for one goroutine.
type texts struct {
	room []byte // only ever appended to
}

// textBytes is made at once; a message of more than a quarter has its own.
const textBytes = 16 << 10

// keep returns b as a string of its own memory.
func (t *texts) keep(b []byte) string {
	if len(b) == 0 || len(b) > textBytes/4 {
		return string(b)
	}
	if cap(t.room)-len(t.room) < len(b) {
		t.room = make([]byte, 0, textBytes)
	}
	start := len(t.room)
	t.room = append(t.room, b...)
	return unsafe.String(&t.room[start], len(b))
}
