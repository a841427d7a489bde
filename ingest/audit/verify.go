package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/state"
)

// A Finding is what Verify found out about the chain.
type Finding struct {
	Intact  bool   `json:"intact"`
	Problem string `json:"problem,omitempty"` // the first record that is not as it was, and how
	Seq     int64  `json:"seq,omitempty"`     // its number
	First   int64  `json:"first"`             // number of the oldest record that is still kept
	Records int64  `json:"records"`           // from there on, intact ones
	Head    string `json:"head"`              // number and hash of the newest record, to be noted elsewhere: 12:9f86d0…
}

// Head is the end of a chain, as noted from a Finding.
type Head struct {
	Seq  int64
	Hash string
}

// ParseHead reads what a Finding says in Head.
func ParseHead(text string) (Head, error) {
	var h Head
	if _, err := fmt.Sscanf(text, "%d:%s", &h.Seq, &h.Hash); err != nil || h.Seq < 1 || len(h.Hash) != 64 {
		return Head{}, fmt.Errorf("%q is not the number and hash of a record, as oriel audit verify prints them", text)
	}
	return h, nil
}

// Check says what is checked.
type Check struct {
	State     *state.DB
	Source    Source
	Retention time.Duration // of the records in the event store; 0 keeps all
	Noted     []Head        // ends of the chain at earlier times
	Now       time.Time
}

// Verify follows the chain from the oldest record that is still kept to the
// end that the state database knows, and reports the first record that was
// changed, made up or taken away. An error is of reading.
func Verify(ctx context.Context, c Check) (Finding, error) {
	// The end first: records that come meanwhile are beyond it.
	head, err := c.State.AuditHead(ctx)
	if err != nil {
		return Finding{}, fmt.Errorf("read the end of the chain: %w", err)
	}
	if head.Seq == 0 {
		f := Finding{Intact: true}
		if len(c.Noted) > 0 {
			return broken(c.Noted[0].Seq, "is missing: the state database knows of no record at all"), nil
		}
		for _, err := range scan(ctx, c.Source, model.AllTime()) {
			if err != nil {
				return Finding{}, fmt.Errorf("read records: %w", err)
			}
			if head, err = c.State.AuditHead(ctx); err != nil || head.Seq > 0 { // the first has come meanwhile
				return f, err
			}
			return broken(1, "is there, and the state database knows of no record at all: somebody has taken the end of the chain away"), nil
		}
		return f, nil
	}
	start, err := c.start(ctx)
	if err != nil {
		return Finding{}, err
	}
	v := verifier{next: start.Seq, prev: start.Hash, end: head, waiting: map[int64]link{}, noted: map[int64]string{}}
	for _, h := range c.Noted {
		v.noted[h.Seq] = h.Hash
	}
	v.found.First = start.Seq
	pending, err := c.State.PendingAudit(ctx, int(head.Seq))
	if err != nil {
		return Finding{}, fmt.Errorf("read pending records: %w", err)
	}
	for body, err := range scan(ctx, c.Source, model.AllTime()) {
		if err != nil {
			return Finding{}, fmt.Errorf("read records: %w", err)
		}
		v.add(body)
	}
	for _, r := range pending {
		v.add(r.Body)
	}
	return v.result(), nil
}

// start is the oldest record that must be there, by its number, with the hash
// of the one before.
func (c Check) start(ctx context.Context) (state.AuditLink, error) {
	days, err := c.State.AuditDays(ctx)
	if err != nil {
		return state.AuditLink{}, fmt.Errorf("read the days of the chain: %w", err)
	}
	if len(days) == 0 {
		return state.AuditLink{}, errors.New("the state database does not know where the chain begins")
	}
	for _, d := range days {
		// A day goes when its end is past the retention, within an hour or so.
		if c.Retention == 0 || d.Day.Add(c.Retention).After(c.Now) {
			return d.AuditLink, nil
		}
	}
	return days[len(days)-1].AuditLink, nil
}

// A link is what the chain needs to know of a record.
type link struct {
	hash, prev string
	time       time.Time
}

// A briefHash tells a second copy of a record from another record.
type briefHash [16]byte

func brief(hash string) briefHash { return briefHash([]byte(hash[:16])) }

// A verifier follows the chain. Records come in the order of their times, which
// is the chain's but for clocks that were set back: some wait for their turn.
type verifier struct {
	next    int64  // number of the record whose turn it is
	prev    string // hash of the one before
	end     state.AuditLink
	waiting map[int64]link
	done    []briefHash // of the records in turn, from the first on
	noted   map[int64]string
	found   Finding
	at      time.Time // of the newest record in turn
	forged  string    // the first line that is no record at all
}

func (v *verifier) add(body string) {
	var r record
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Seq < 1 {
		if v.forged == "" {
			v.forged = fmt.Sprintf("a line that is no record is among them: %.100q", body)
		}
		return
	}
	if r.Seq < v.found.First || r.Seq > v.end.Seq {
		return // about to be forgotten, or newer than this check
	}
	l := link{hash: state.AuditHash(body), prev: r.Prev, time: r.Time}
	if l.hash == v.noted[r.Seq] {
		delete(v.noted, r.Seq)
	}
	if v.found.Problem != "" {
		return
	}
	if i := r.Seq - v.found.First; i < int64(len(v.done)) {
		if v.done[i] != brief(l.hash) {
			v.fail(r.Seq, "is there twice, and differs")
		}
		return // a second copy
	}
	if w, ok := v.waiting[r.Seq]; ok && w.hash != l.hash {
		v.fail(r.Seq, "is there twice, and differs")
		return
	}
	v.waiting[r.Seq] = l
	for {
		l, ok := v.waiting[v.next]
		if !ok {
			return
		}
		delete(v.waiting, v.next)
		if l.prev != v.prev {
			if v.next == v.found.First {
				v.fail(v.next, "was changed, or is not the first: it does not name the one that was before it")
			} else {
				v.fail(v.next-1, fmt.Sprintf("was changed: record %d names another hash", v.next))
			}
			return
		}
		v.prev, v.at = l.hash, l.time
		v.done = append(v.done, brief(l.hash))
		v.found.Records++
		v.next++
	}
}

func (v *verifier) fail(seq int64, problem string) {
	f := broken(seq, problem)
	f.First, f.Records = v.found.First, max(seq-v.found.First, 0)
	v.found = f
}

func broken(seq int64, problem string) Finding {
	return Finding{Seq: seq, Problem: fmt.Sprintf("record %d %s", seq, problem)}
}

func (v *verifier) result() Finding {
	switch {
	case v.found.Problem != "":
	case v.next <= v.end.Seq:
		after := ""
		if !v.at.IsZero() {
			after = fmt.Sprintf(": the one before it is of %s", v.at.Format(time.RFC3339))
		}
		v.fail(v.next, "is missing"+after)
	case v.prev != v.end.Hash:
		v.fail(v.end.Seq, "was changed: the state database names another hash")
	case v.forged != "":
		v.found.Problem = v.forged
	default:
		for seq := range v.noted {
			if seq >= v.found.First {
				v.fail(seq, "is not the one that was noted: the chain was written anew")
			}
		}
	}
	v.found.Head = fmt.Sprintf("%d:%s", v.end.Seq, v.end.Hash)
	v.found.Intact = v.found.Problem == ""
	return v.found
}
