package httpx_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/httpx"
)

func TestTheGateMakesRequestsWaitTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside atomic.Int32
		leave := make(chan struct{})
		h := httpx.Gate(2)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			inside.Add(1)
			<-leave
		}))
		for range 3 {
			go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		}
		synctest.Wait()
		require.EqualValues(t, 2, inside.Load())

		// One whose client leaves gives up its turn.
		ctx, cancel := context.WithCancel(t.Context())
		w := httptest.NewRecorder()
		go h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
		synctest.Wait()
		cancel()
		synctest.Wait()
		require.Equal(t, httpx.StatusClientClosed, w.Code)

		leave <- struct{}{}
		synctest.Wait()
		require.EqualValues(t, 3, inside.Load())
		close(leave)
	})
}

func TestALiveTailTakesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave := make(chan struct{})
		inside := 0
		h := httpx.Gate(1)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			inside++
			<-leave
		}))
		go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		synctest.Wait()
		r := httptest.NewRequest(http.MethodGet, "/tail", nil)
		r.Header.Set("Upgrade", "websocket")
		go h.ServeHTTP(httptest.NewRecorder(), r)
		synctest.Wait()
		require.Equal(t, 2, inside)
		close(leave)
	})
}
