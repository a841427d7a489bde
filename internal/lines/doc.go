// Package lines serves protocols that are lines of text over TCP, UDP and Unix
// datagram sockets. It knows nothing of what the lines say.
package lines
