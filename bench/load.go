package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// A load is a workload encoded before the clock starts: one list of request
// bodies per connection, each list sent in order.
type load struct {
	header map[string]string
	stream bool // bodies are parts of a TCP stream, which nobody acknowledges
	conns  [][]body
}

// A body is that of one request.
type body struct {
	data  []byte
	units int // samples, lines or spans in it
}

func (l *load) units() (n int) {
	for _, c := range l.conns {
		for _, b := range c {
			n += b.units
		}
	}
	return n
}

func (l *load) bytes() (n int) {
	for _, c := range l.conns {
		for _, b := range c {
			n += len(b.data)
		}
	}
	return n
}

// first is the load cut to the first part of each connection's list.
func (l *load) first(part float64) *load {
	cut := &load{header: l.header, stream: l.stream}
	for _, c := range l.conns {
		cut.conns = append(cut.conns, c[:min(len(c), max(1, int(float64(len(c))*part)))])
	}
	return cut
}

// send posts every body and returns the time to the last acknowledgement. A
// refusal (429 or 5xx) is retried, as shippers do, and counted.
func (l *load) send(url string) (wall time.Duration, retries int64, err error) {
	client := newClient()
	defer client.CloseIdleConnections()
	var count atomic.Int64
	errs := make(chan error, len(l.conns))
	begin := time.Now()
	var wg sync.WaitGroup
	for _, bodies := range l.conns {
		wg.Go(func() {
			if l.stream {
				errs <- stream(url, bodies)
				return
			}
			for _, b := range bodies {
				if err := post(client, url, l.header, b.data, &count); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	wall = time.Since(begin)
	close(errs)
	for e := range errs {
		err = cmp.Or(err, e)
	}
	return wall, count.Load(), err
}

// stream writes bodies one after the other to the host of rawURL.
func stream(rawURL string, bodies []body) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return err
	}
	for _, b := range bodies {
		if _, err := conn.Write(b.data); err != nil {
			_ = conn.Close()
			return err
		}
	}
	return conn.Close()
}

func post(client *http.Client, url string, header map[string]string, data []byte, retries *atomic.Int64) error {
	for try := 0; ; try++ {
		req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(data))
		if err != nil {
			return err
		}
		for k, v := range header {
			req.Header.Set(k, v)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		switch {
		case err != nil:
			return fmt.Errorf("POST %s: read the answer: %w", url, err)
		case resp.StatusCode/100 == 2 && !bytes.Contains(answer, []byte(`"errors":true`)):
			return nil
		case (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500) && try < 100:
			retries.Add(1)
			time.Sleep(100 * time.Millisecond)
		default:
			return fmt.Errorf("POST %s: %s: %.300s", url, resp.Status, answer)
		}
	}
}

func newClient() *http.Client {
	return &http.Client{
		Timeout:   5 * time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true},
	}
}

func get(client *http.Client, url string) ([]byte, error) {
	resp, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %.300s", resp.Status, answer)
	}
	return answer, err
}
