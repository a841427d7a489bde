package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEveryCallNamesAnOperationThatExists(t *testing.T) {
	for name, svc := range shop {
		require.Equal(t, name, svc.name)
		for opName, op := range svc.operations {
			for _, c := range op.calls {
				require.Contains(t, shop, c.service, "%s %s", name, opName)
				require.Contains(t, shop[c.service].operations, c.operation, "%s %s", name, opName)
			}
		}
	}
	for _, v := range visits {
		require.Contains(t, shop["storefront"].operations, v.operation)
	}
	for _, i := range incidents {
		require.Contains(t, shop[i.service].operations, i.operation)
	}
}

func TestVisitsCoverAHundredRolls(t *testing.T) {
	sum := 0
	for _, v := range visits {
		sum += v.weight
	}
	require.Equal(t, 100, sum)
}

func TestIncidentsTakeTurnsAndEnd(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	const period = 5 * time.Minute
	at := func(d time.Duration) *incident { return incidentAt(start.Add(d), start, period) }
	require.Nil(t, at(0))
	require.Nil(t, at(59*time.Second))
	require.Equal(t, &incidents[0], at(60*time.Second))
	require.Equal(t, &incidents[0], at(179*time.Second))
	require.Nil(t, at(180*time.Second))
	require.Equal(t, &incidents[1], at(period+time.Minute))
	require.Equal(t, &incidents[0], at(time.Duration(len(incidents))*period+time.Minute))
	require.Nil(t, incidentAt(start.Add(time.Minute), start, 0))
}

func TestRateIsBounded(t *testing.T) {
	for _, rate := range []float64{0, -1, maxRate + 1} {
		require.ErrorContains(t, Run(t.Context(), Config{Rate: rate}, nil), "visits a second")
	}
}
