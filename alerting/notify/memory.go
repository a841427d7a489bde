package notify

import (
	"fmt"
	"time"

	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/nflog/nflogpb"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"
)

// What integrations remember of a group from one notification to the next,
// such as the message that Slack is to update, lies in an nflog.Store. It
// gives its content to a notification log only, so that is how it is read.

// memoryIn returns the content of s, nil if it is empty.
func memoryIn(s *nflog.Store) ([]byte, error) {
	log, err := nflog.New(nflog.Options{Retention: time.Hour, Metrics: prometheus.NewRegistry()})
	if err != nil {
		return nil, err
	}
	r := &nflogpb.Receiver{}
	if err := log.Log(r, "-", nil, nil, s, 0); err != nil {
		return nil, err
	}
	entries, err := log.Query(nflog.QReceiver(r), nflog.QGroupKey("-"))
	if err != nil {
		return nil, err
	}
	data := entries[0].ReceiverData
	if len(data) == 0 {
		return nil, nil
	}
	return proto.Marshal(&nflogpb.Entry{ReceiverData: data})
}

// newMemory returns a Store with that content.
func newMemory(b []byte) (*nflog.Store, error) {
	var e nflogpb.Entry
	if err := proto.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("read what an integration remembers: %w", err)
	}
	return nflog.NewStore(&e), nil
}
