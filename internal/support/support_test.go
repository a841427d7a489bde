package support

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// unpack returns the files of a bundle.
func unpack(t *testing.T, b Bundle) map[string]string {
	t.Helper()
	var packed bytes.Buffer
	require.NoError(t, b.WriteTo(t.Context(), &packed))
	zip, err := gzip.NewReader(&packed)
	require.NoError(t, err)
	files := map[string]string{}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		files[strings.TrimPrefix(h.Name, "oriel-support/")] = string(text)
	}
}

func TestNoSecretIsInABundleInAnyForm(t *testing.T) {
	const secret = `s3cret/with "quotes" & 50%`
	texts := Bundle{Made: time.Unix(0, 0), Secrets: []string{secret, "longer " + secret, "abc"}, Parts: []Part{
		{Name: "plain.txt", Write: Text(func() string { return "it is " + secret + ", and longer " + secret + "; abc" })},
		{Name: "json", Write: JSON(func(context.Context) any { return map[string]string{"password": secret} })},
		{Name: "url", Write: Text(func() string { return "http://x/?q=" + url.QueryEscape(secret) + " /" + url.PathEscape(secret) })},
		{Name: "base64", Write: Text(func() string { return base64.StdEncoding.EncodeToString([]byte(secret)) })},
		{Name: "error", Write: func(context.Context, io.Writer) error { return fmt.Errorf("with %s", secret) }},
	}}
	files := unpack(t, texts)
	require.Len(t, files, 6)
	for name, text := range files {
		require.NotContains(t, text, "s3cret", name)
		require.NotContains(t, text, url.QueryEscape(secret), name)
		require.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte(secret))[:12], name)
	}
	require.Equal(t, "it is <secret>, and <secret>; abc", files["plain.txt"])
	require.Equal(t, "\nnot complete: with <secret>\n", files["error"])
	require.Contains(t, files["README.txt"], "1970-01-01T00:00:00Z")
}

func TestAPartIsCutAndTheOthersAreThere(t *testing.T) {
	files := unpack(t, Bundle{Parts: []Part{
		{Name: "endless", Write: func(_ context.Context, w io.Writer) error {
			for {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
					return err
				}
			}
		}},
		{Name: "next", Write: Text(func() string { return "here" })},
	}})
	require.Greater(t, len(files["endless"]), maxPart)
	require.Less(t, len(files["endless"]), maxPart+100)
	require.True(t, strings.HasSuffix(files["endless"], "short write\n"))
	require.Equal(t, "here", files["next"])
}

func TestTheNewestWarningsAreKept(t *testing.T) {
	var shown bytes.Buffer
	recent := &Recent{}
	log := slog.New(recent.Handler(slog.NewTextHandler(&shown, &slog.HandlerOptions{Level: slog.LevelError}))).With("component", "x").WithGroup("g")
	log.Info("quiet")
	for i := range keepRecent + 2 {
		log.Warn("careful", "n", i)
	}
	log.Error("bad", "n", -1)
	var kept bytes.Buffer
	require.NoError(t, recent.WriteTo(t.Context(), &kept))
	lines := strings.Split(strings.TrimSpace(kept.String()), "\n")
	require.Len(t, lines, keepRecent)
	require.Contains(t, lines[0], `"msg":"careful","component":"x","g":{"n":3}`)
	require.Contains(t, lines[keepRecent-1], `"level":"ERROR","msg":"bad"`)
	require.NotContains(t, kept.String(), "quiet")
	require.Equal(t, 1, strings.Count(shown.String(), "\n"), "each handler has its level")
}

func TestPartsTellOfTheProcess(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "x_total", Help: "X."})
	reg.MustRegister(c)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.part"), []byte("content"), 0o600))
	files := unpack(t, Bundle{Parts: []Part{
		{Name: "metrics", Write: Metrics(reg)},
		{Name: "goroutines", Write: Goroutines},
		{Name: "files", Write: Files(dir)},
		{Name: "runtime", Write: JSON(func(context.Context) any { return RuntimeNow() })},
		{Name: "gone", Write: Files(filepath.Join(dir, "none"))},
	}})
	require.Contains(t, files["metrics"], "x_total 0")
	require.Contains(t, files["goroutines"], "TestPartsTellOfTheProcess")
	require.Regexp(t, `^ +7  \S+Z  a\.part\n$`, files["files"])
	require.NotContains(t, files["files"], "content")
	require.Contains(t, files["runtime"], `"go": "go1`)
	require.Contains(t, files["gone"], "no such file")
}
