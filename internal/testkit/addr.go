// Package testkit is for tests of whole programs.
package testkit

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
)

// Ports from firstPort to lastPort lie below those that Linux hands out to
// outgoing connections.
const firstPort, lastPort = 15_000, 32_000

var ports = struct {
	sync.Mutex
	next int // far from that of processes that test side by side, whose ids are near
}{next: firstPort + os.Getpid()*5387%(lastPort-firstPort)}

// FreeAddr returns an address of this machine that nothing listens on, neither
// for streams nor for datagrams. It is given out once, and no outgoing
// connection takes it, so that it is still free when a program binds it.
func FreeAddr() (string, error) {
	ports.Lock()
	defer ports.Unlock()
	for range lastPort - firstPort {
		addr := fmt.Sprintf("127.0.0.1:%d", ports.next)
		if ports.next++; ports.next == lastPort {
			ports.next = firstPort
		}
		if free(addr) {
			return addr, nil
		}
	}
	return "", errors.New("no port is free")
}

func free(addr string) bool {
	stream, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	datagrams, err := net.ListenPacket("udp", addr)
	if err == nil {
		err = datagrams.Close()
	}
	return errors.Join(err, stream.Close()) == nil
}
