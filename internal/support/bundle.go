// Package support packs what those need who look for a fault in Oriel without
// being there: texts about the process, in one archive, with every secret that is
// known taken out of each of them.
package support

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A Part is one file of a Bundle.
type Part struct {
	Name  string // in the archive, such as config.yaml
	About string // in a line
	Write func(context.Context, io.Writer) error
}

// A Bundle is what is packed.
type Bundle struct {
	Made    time.Time // also the time of the files
	Parts   []Part
	Secrets []string // that must not be in it; those shorter than minSecret are left alone
}

// maxPart bounds a part, in bytes: what is longer is cut there.
const maxPart = 32 << 20

// WriteTo writes the bundle as a gzipped tar. A part that fails is replaced by
// its error; only failures of w are returned.
func (b Bundle) WriteTo(ctx context.Context, w io.Writer) error {
	hide := newHider(b.Secrets)
	zip := gzip.NewWriter(w)
	archive := tar.NewWriter(zip)
	var index bytes.Buffer
	fmt.Fprintf(&index, "A support bundle of Oriel, made at %s. Secrets of the configuration are taken out;\nnames of tenants, services and metrics are not. Look through it before you give it away.\n\n", b.Made.UTC().Format(time.RFC3339))
	for _, p := range b.Parts {
		fmt.Fprintf(&index, "%-16s %s\n", p.Name, p.About)
	}
	if err := b.add(archive, "README.txt", index.Bytes()); err != nil {
		return err
	}
	for _, p := range b.Parts {
		text := &limited{left: maxPart}
		if err := p.Write(ctx, text); err != nil {
			fmt.Fprintf(&text.buf, "\nnot complete: %v\n", err)
		}
		if err := b.add(archive, p.Name, hide.text(text.buf.Bytes())); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return zip.Close()
}

func (b Bundle) add(archive *tar.Writer, name string, text []byte) error {
	err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "oriel-support/" + name, Size: int64(len(text)), Mode: 0o600, ModTime: b.Made})
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	if _, err := archive.Write(text); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	return nil
}

// limited keeps the beginning of what is written to it.
type limited struct {
	buf  bytes.Buffer
	left int
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		n, _ := l.buf.Write(p[:l.left]) // it takes all
		l.left = 0
		return n, fmt.Errorf("more than %d bytes: %w", maxPart, io.ErrShortWrite)
	}
	l.left -= len(p)
	return l.buf.Write(p)
}

// JSON returns a Part's Write of a value that is found when it is asked for.
func JSON(of func(context.Context) any) func(context.Context, io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false) // so that what is to be hidden looks like itself
		return enc.Encode(of(ctx))
	}
}

// Text returns a Part's Write of a text that is found when it is asked for.
func Text(of func() string) func(context.Context, io.Writer) error {
	return func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, of())
		return err
	}
}
