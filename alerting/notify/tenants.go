package notify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/silence/silencepb"
	promodel "github.com/prometheus/common/model"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/vfs"
)

// While tenants are on, an alert is the tenant's whose label it has, and the
// default one's without. Routes, receivers and inhibition are the operator's, for
// all of them; but no notification is about two tenants, no alert inhibits that
// of another, and no silence is about others than its owner's.

// keepApart changes a configuration that was just read to that end.
func (p *plan) keepApart() {
	p.routes.Walk(func(r *dispatch.Route) {
		by := maps.Clone(r.RouteOpts.GroupBy) // which routes share
		if by == nil {
			by = map[promodel.LabelName]struct{}{}
		}
		by[auth.TenantLabel] = struct{}{}
		r.RouteOpts.GroupBy = by
	})
	for i := range p.conf.InhibitRules {
		p.conf.InhibitRules[i].Equal = append(p.conf.InhibitRules[i].Equal, auth.TenantLabel)
	}
}

// tenantOf returns whose alerts a notification is about; "" if that is not one.
func tenantOf(as []*amalert.Alert) string {
	tenant := ""
	for i, a := range as {
		own := string(a.Labels[auth.TenantLabel])
		if i > 0 && own != tenant {
			return ""
		}
		tenant = own
	}
	return tenant
}

// Owner returns whose silence s is: that of the matcher for the tenant's label
// that Own adds. Without one it is the default tenant's.
func Owner(s *silencepb.Silence) string {
	for _, set := range s.MatcherSets {
		for _, m := range set.Matchers {
			if m.Name == auth.TenantLabel && m.Type == silencepb.Matcher_EQUAL {
				return m.Pattern
			}
		}
	}
	return ""
}

// Own keeps a silence to the alerts of a tenant, unless it says already which
// tenants' it is about. It reports whether that changed anything.
func Own(s *silencepb.Silence, tenant string) (changed bool) {
	for _, set := range s.MatcherSets {
		says := false
		for _, m := range set.Matchers {
			says = says || m.Name == auth.TenantLabel
		}
		if !says {
			set.Matchers = append(set.Matchers, &silencepb.Matcher{Name: auth.TenantLabel, Pattern: tenant})
			changed = true
		}
	}
	return changed
}

// claimSilences keeps the silences that were there before tenants were, in the
// file of an earlier process, to the default tenant's alerts.
func (m *Manager) claimSilences() error {
	path := m.path(silencesFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var out bytes.Buffer
	changed := false
	for r := bufio.NewReader(bytes.NewReader(text)); ; {
		var one silencepb.MeshSilence
		if err := protodelim.UnmarshalFrom(r, &one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if s := one.Silence; s != nil {
			if len(s.MatcherSets) == 0 { // as older versions write it
				s.MatcherSets = []*silencepb.MatcherSet{{Matchers: s.Matchers}}
			}
			changed = Own(s, "") || changed
			s.Matchers = s.MatcherSets[0].Matchers
		}
		if _, err := protodelim.MarshalTo(&out, &one); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	if !changed {
		return nil
	}
	return vfs.Replace(path, out.Bytes(), 0o644)
}

// forgetDelay is how long a silence that is forgotten lives: it must, to take the
// place of the one there is.
const forgetDelay = time.Second

// Forget ends the alerts of a tenant, and drops its silences.
func (m *Manager) Forget(ctx context.Context, tenant string) error {
	all, _, err := m.silences.Query(ctx, silence.QState(silence.SilenceStateActive, silence.SilenceStatePending, silence.SilenceStateExpired))
	if err != nil {
		return fmt.Errorf("find the silences of tenant %q: %w", tenant, err)
	}
	now := time.Now()
	var gone bytes.Buffer
	for _, s := range all {
		if Owner(s) != tenant {
			continue
		}
		s = proto.CloneOf(s)
		s.Comment, s.CreatedBy = "", ""
		s.StartsAt, s.EndsAt, s.UpdatedAt = timestamppb.New(now.Add(-1)), timestamppb.New(now), timestamppb.New(now)
		if _, err := protodelim.MarshalTo(&gone, &silencepb.MeshSilence{Silence: s, ExpiresAt: timestamppb.New(now.Add(forgetDelay))}); err != nil {
			return fmt.Errorf("drop silence %s: %w", s.Id, err)
		}
	}
	if err := m.silences.Merge(gone.Bytes()); err != nil {
		return fmt.Errorf("drop the silences of tenant %q: %w", tenant, err)
	}
	m.touch()
	return m.endAlerts(ctx, tenant, now)
}

func (m *Manager) endAlerts(ctx context.Context, tenant string, now time.Time) error {
	var over []*amalert.Alert
	it := m.alerts.GetPending()
	for a := range it.Next() {
		if string(a.Data.Labels[auth.TenantLabel]) == tenant && !a.Data.Resolved() {
			ended := *a.Data
			ended.EndsAt, ended.UpdatedAt = now, now
			over = append(over, &ended)
		}
	}
	it.Close()
	if err := m.alerts.Put(ctx, over...); err != nil {
		return fmt.Errorf("end the alerts of tenant %q: %w", tenant, err)
	}
	return nil
}
