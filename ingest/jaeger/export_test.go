package jaeger

import "context"

// Packet stores a packet as the agent does.
func (rc *Receiver) Packet(body []byte, isCompact bool) error {
	e := encoding(binary)
	if isCompact {
		e = compact
	}
	b := newBatch(rc.agent)
	(&Agent{rc: rc}).add(b, packet{body, e})
	return b.store(context.Background(), rc.agent)
}

// PostSpans calls the method as gRPC does.
func (rc *Receiver) PostSpans(ctx context.Context, in []byte) error {
	_, err := rc.postSpans(ctx, in)
	return err
}

// Queue queues a packet as a socket's reader does.
func (a *Agent) Queue(body []byte) bool { return a.queue(body, binary) }
