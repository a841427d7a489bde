package jaeger

import (
	"context"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/agent"
	thriftjaeger "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"

	"github.com/oriel-obs/oriel/internal/fault"
)

// An encoding is one of thrift's protocols.
type encoding func(thrift.TTransport, *thrift.TConfiguration) thrift.TProtocol

func binary(t thrift.TTransport, c *thrift.TConfiguration) thrift.TProtocol {
	return thrift.NewTBinaryProtocolConf(t, c)
}

func compact(t thrift.TTransport, c *thrift.TConfiguration) thrift.TProtocol {
	return thrift.NewTCompactProtocolConf(t, c)
}

// over returns what reads body. No list may claim more elements than body has
// bytes, since memory is taken by what a list claims.
func (e encoding) over(body []byte) thrift.TProtocol {
	buf := thrift.NewTMemoryBuffer()
	buf.Write(body)
	return e(buf, &thrift.TConfiguration{MaxMessageSize: int32(max(len(body), 1))})
}

// decodeBatch reads the body of an HTTP request.
func decodeBatch(body []byte) (*thriftjaeger.Batch, error) {
	b := thriftjaeger.NewBatch()
	if err := b.Read(context.Background(), encoding(binary).over(body)); err != nil {
		return nil, notThrift(err)
	}
	return b, nil
}

// decodePacket reads the call of emitBatch that a UDP packet holds.
func decodePacket(packet []byte, e encoding) (*thriftjaeger.Batch, error) {
	ctx := context.Background()
	p := e.over(packet)
	name, _, _, err := p.ReadMessageBegin(ctx)
	if err != nil {
		return nil, notThrift(err)
	}
	if name != "emitBatch" {
		return nil, fmt.Errorf("call of %.64q, not of emitBatch: %w", name, fault.ErrInvalid)
	}
	args := agent.NewAgentEmitBatchArgs()
	if err := args.Read(ctx, p); err != nil {
		return nil, notThrift(err)
	}
	if args.Batch == nil {
		return nil, fmt.Errorf("emitBatch without a batch: %w", fault.ErrInvalid)
	}
	return args.Batch, nil
}

func notThrift(err error) error {
	return fmt.Errorf("cannot unmarshal thrift: %w: %w", err, fault.ErrInvalid)
}
