package state

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func lane(receiver, group string) Lane {
	return Lane{Receiver: receiver, Integration: "webhook", GroupKey: group}
}

func enqueue(t *testing.T, db *DB, l Lane, content string, limit QueueLimit) (int64, error) {
	t.Helper()
	return db.Enqueue(t.Context(), Notification{
		Lane: l, Reason: "first notification", Content: []byte(content), Alerts: []NotifiedAlert{{"00000000000000aa", false}, {"00000000000000bb", true}},
	}, Told{Entry: []byte(content), Alerts: []byte("[]"), At: time.UnixMilli(1000), Expires: time.Now().Add(time.Hour)}, limit)
}

var roomy = QueueLimit{Rows: 100, Bytes: 1 << 20}

func TestALaneKeepsItsOrderAndWhatItWasToldLast(t *testing.T) {
	db := open(t, t.TempDir())
	a := lane("a", "g")
	for i := range 3 {
		_, err := enqueue(t, db, a, fmt.Sprint("a", i), roomy)
		require.NoError(t, err)
	}
	_, err := enqueue(t, db, lane("a", "other"), "o", roomy)
	require.NoError(t, err)
	lanes, err := db.WaitingLanes(t.Context())
	require.NoError(t, err)
	require.Len(t, lanes, 2)
	for i := range 3 {
		n, err := db.NextNotification(t.Context(), a)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("a", i), string(n.Content))
		require.NoError(t, db.AddAttempt(t.Context(), Attempt{Notification: n.ID, At: time.UnixMilli(5), Took: time.Millisecond, Status: AttemptFailed, Error: "no"}, nil))
		again, err := db.NextNotification(t.Context(), a)
		require.NoError(t, err)
		require.Equal(t, n.ID, again.ID, "a failed one stays first")
		require.Equal(t, "no", again.Error)
		require.NoError(t, db.AddAttempt(t.Context(), Attempt{Notification: n.ID, At: time.UnixMilli(6), Status: AttemptDelivered}, []byte("memory")))
	}
	_, err = db.NextNotification(t.Context(), a)
	require.ErrorIs(t, err, fault.ErrNotFound)
	waits, err := db.Waiting(t.Context(), a)
	require.NoError(t, err)
	require.False(t, waits)

	told, err := db.Told(t.Context())
	require.NoError(t, err)
	require.Len(t, told, 2)
	require.Equal(t, "a2", string(told[0].Entry))
	memory, err := db.Memory(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, "memory", string(memory))
	none, err := db.Memory(t.Context(), lane("nobody", ""))
	require.NoError(t, err)
	require.Nil(t, none)

	attempts, err := db.Attempts(t.Context(), AttemptFilter{Status: AttemptDelivered, Limit: 2})
	require.NoError(t, err)
	require.Len(t, attempts, 2)
	require.Equal(t, 2, attempts[0].Number)
	require.Equal(t, []NotifiedAlert{{"00000000000000aa", false}, {"00000000000000bb", true}}, attempts[0].Alerts)
	rest, err := db.Attempts(t.Context(), AttemptFilter{Status: AttemptDelivered, Before: attempts[1].ID, Limit: 2})
	require.NoError(t, err)
	require.Len(t, rest, 1)
}

func TestTheQueueIsBoundedInRowsAndBytes(t *testing.T) {
	db := open(t, t.TempDir())
	l := lane("a", "g")
	for range 2 {
		_, err := enqueue(t, db, l, "12345", QueueLimit{Rows: 2, Bytes: 100})
		require.NoError(t, err)
	}
	_, err := enqueue(t, db, l, "1", QueueLimit{Rows: 2, Bytes: 100})
	require.ErrorIs(t, err, ErrQueueFull)
	_, err = enqueue(t, db, l, "123456", QueueLimit{Rows: 9, Bytes: 15})
	require.ErrorIs(t, err, ErrQueueFull)
	_, err = enqueue(t, db, l, "12345", QueueLimit{Rows: 9, Bytes: 15})
	require.NoError(t, err)
	told, err := db.Told(t.Context())
	require.NoError(t, err)
	require.Equal(t, "12345", string(told[0].Entry), "what was not queued was not told")
}

func TestTheOldestDeadAreDiscardedBeyondTheLimit(t *testing.T) {
	db := open(t, t.TempDir())
	var ids []int64
	for i := range 5 {
		id, err := enqueue(t, db, lane("a", fmt.Sprint(i)), "12345", roomy)
		require.NoError(t, err)
		ids = append(ids, id)
		require.NoError(t, db.Bury(t.Context(), id, "", QueueLimit{Rows: 3, Bytes: 10}))
	}
	dead, err := db.Notifications(t.Context(), NotificationFilter{State: NotificationDead, Limit: 10})
	require.NoError(t, err)
	require.Len(t, dead, 2)
	require.Equal(t, ids[3], dead[0].ID)
	_, err = db.Revive(t.Context(), ids[0])
	require.ErrorIs(t, err, fault.ErrNotFound)
	l, err := db.Revive(t.Context(), ids[3])
	require.NoError(t, err)
	require.Equal(t, lane("a", "3"), l)
	counts, err := db.CountNotifications(t.Context())
	require.NoError(t, err)
	require.Len(t, counts, 2)
}

func TestPruningLeavesWhatWaits(t *testing.T) {
	db := open(t, t.TempDir())
	first, err := enqueue(t, db, lane("a", "1"), "x", roomy)
	require.NoError(t, err)
	second, err := enqueue(t, db, lane("a", "2"), "x", roomy)
	require.NoError(t, err)
	require.NoError(t, db.AddAttempt(t.Context(), Attempt{Notification: second, Status: AttemptDelivered}, nil))
	require.NoError(t, db.PruneNotifications(t.Context(), time.Now().Add(time.Hour), 100))
	all, err := db.Notifications(t.Context(), NotificationFilter{Limit: 10})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, first, all[0].ID)
	attempts, err := db.Attempts(t.Context(), AttemptFilter{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, attempts)
	require.ErrorIs(t, db.AddAttempt(t.Context(), Attempt{Notification: second}, nil), fault.ErrNotFound)
}
