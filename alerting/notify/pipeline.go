package notify

import (
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/nflog/nflogpb"
	amnotify "github.com/prometheus/alertmanager/notify"
)

// pipeline puts Alertmanager's stages in Alertmanager's order, as its
// PipelineBuilder does, with one difference: the queue stands where
// Alertmanager delivers. The stages that give way to other members of a cluster
// are left out.
func (m *Manager) pipeline(p *plan, inhibitor *inhibit.Inhibitor) amnotify.RoutingStage {
	stock := m.queue.stock
	before := amnotify.MultiStage{
		amnotify.NewMuteStage(inhibitor, stock),
		amnotify.NewTimeActiveStage(p.intervals, m.groups, stock),
		amnotify.NewTimeMuteStage(p.intervals, m.groups, stock),
		amnotify.NewMuteStage(m.silencer, stock),
	}
	stages := amnotify.RoutingStage{}
	for name, integrations := range p.receivers {
		var fanout amnotify.FanoutStage
		for i := range integrations {
			in := &integrations[i]
			recv := &nflogpb.Receiver{GroupName: name, Integration: in.Name(), Idx: uint32(in.Index())}
			fanout = append(fanout, amnotify.MultiStage{
				amnotify.NewDedupStage(in, m.sent, recv),
				enqueuer{queue: m.queue, acks: m.acks, to: in, receiver: name, direct: amnotify.NewRetryStage(*in, name, stock, eventrecorder.Recorder{})},
				amnotify.NewSetNotifiesStage(m.sent, recv),
			})
		}
		stages[name] = append(append(amnotify.MultiStage{}, before...), fanout)
	}
	stock.InitializeFor(p.receivers)
	return stages
}
