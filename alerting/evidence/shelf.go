package evidence

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/vfs"
)

// A shelf keeps pictures and JSON as files while their links work. A link is
// signed with a key of this shelf only, and says when it ends: nobody finds out
// another's by guessing.
type shelf struct {
	dir       string
	key       []byte
	retention time.Duration
	most      int64 // bytes

	mu sync.Mutex // held while files come and go
}

const keyFile = "key"

// openShelf opens the shelf in dir, with the key that an earlier process left.
func openShelf(dir string, c Config) (*shelf, error) {
	s := &shelf{dir: dir, retention: c.Retention, most: c.KeepBytes}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create folder: %w", err)
	}
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		s.key = make([]byte, sha256.Size)
		if _, err := rand.Read(s.key); err != nil {
			return nil, fmt.Errorf("make a key for links: %w", err)
		}
		if err := os.WriteFile(path, []byte(hex.EncodeToString(s.key)+"\n"), 0o600); err != nil {
			return nil, fmt.Errorf("keep the key of links: %w", err)
		}
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of links: %w", err)
	}
	if len(text) < 2*sha256.Size {
		return nil, fmt.Errorf("%s is damaged: remove it, and links sent before stop working", path)
	}
	if s.key, err = hex.DecodeString(string(text[:2*sha256.Size])); err != nil {
		return nil, fmt.Errorf("%s is damaged: remove it, and links sent before stop working: %w", path, err)
	}
	return s, nil
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// fileName is what a shelf has besides its key: an id and a kind.
var fileName = regexp.MustCompile(`^[0-9a-f]{32}\.(?:png|json)$`)

// sign returns the signature of a file's link that works until expires, in
// seconds since the Unix epoch.
func (s *shelf) sign(name string, expires int64) []byte {
	mac := hmac.New(sha256.New, s.key)
	fmt.Fprintf(mac, "evidence\n%s\n%d", name, expires)
	return mac.Sum(nil)
}

// query returns the parameters that make a link to a file work from now on.
func (s *shelf) query(name string, now time.Time) string {
	expires := now.Add(s.retention).Unix()
	return url.Values{"expires": {strconv.FormatInt(expires, 10)}, "sig": {hex.EncodeToString(s.sign(name, expires))}}.Encode()
}

// Errors of links.
var (
	errLink    = fmt.Errorf("the link is not whole, or was changed: %w", fault.ErrForbidden)
	errExpired = fmt.Errorf("the link no longer works: %w", fault.ErrForbidden)
	errGone    = fmt.Errorf("what the link leads to is no longer kept: %w", fault.ErrNotFound)
)

// read returns a file, if the parameters of the link are right.
func (s *shelf) read(name string, q url.Values, now time.Time) ([]byte, error) {
	expires, err := strconv.ParseInt(q.Get("expires"), 10, 64)
	if err != nil {
		return nil, errLink
	}
	sig, err := hex.DecodeString(q.Get("sig"))
	if err != nil || !fileName.MatchString(name) || !hmac.Equal(sig, s.sign(name, expires)) {
		return nil, errLink
	}
	if now.Unix() >= expires {
		return nil, errExpired
	}
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	return b, err
}

// put keeps a file, and drops others if that makes too many.
func (s *shelf) put(name string, b []byte) error {
	s.mu.Lock()
	err := vfs.Replace(filepath.Join(s.dir, name), b, 0o600)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.sweep(time.Now())
}

// sweep drops files whose links no longer work, and the oldest of too many.
func (s *shelf) sweep(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	type file struct {
		name string
		size int64
		at   time.Time
	}
	var files []file
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !fileName.MatchString(e.Name()) {
			continue
		}
		files = append(files, file{e.Name(), info.Size(), info.ModTime()})
		total += info.Size()
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	var errs []error
	for i, f := range files {
		newest := i == len(files)-1
		if now.Sub(f.at) < s.retention && (total <= s.most || newest) {
			break
		}
		errs = append(errs, os.Remove(filepath.Join(s.dir, f.name)))
		total -= f.size
	}
	return errors.Join(errs...)
}
