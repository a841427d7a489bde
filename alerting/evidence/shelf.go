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

	mu    sync.Mutex // held while files come and go
	files []shelved  // oldest first
	total int64      // bytes of files
}

// shelved is a file of a shelf.
type shelved struct {
	name string
	size int64
	at   time.Time
}

const keyFile = "key"

// openShelf opens the shelf in dir, with the key and the files that an earlier
// process left.
func openShelf(dir string, c Config) (*shelf, error) {
	s := &shelf{dir: dir, retention: c.Retention, most: c.KeepBytes}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create folder: %w", err)
	}
	if err := s.readKey(filepath.Join(dir, keyFile)); err != nil {
		return nil, err
	}
	if err := s.list(); err != nil {
		return nil, fmt.Errorf("list what is kept: %w", err)
	}
	return s, nil
}

// readKey reads the key, or makes one.
func (s *shelf) readKey(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		s.key = make([]byte, sha256.Size)
		if _, err := rand.Read(s.key); err != nil {
			return fmt.Errorf("make a key for links: %w", err)
		}
		if err := os.WriteFile(path, []byte(hex.EncodeToString(s.key)+"\n"), 0o600); err != nil {
			return fmt.Errorf("keep the key of links: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the key of links: %w", err)
	}
	if len(text) < 2*sha256.Size {
		return fmt.Errorf("%s is damaged: remove it, and links sent before stop working", path)
	}
	if s.key, err = hex.DecodeString(string(text[:2*sha256.Size])); err != nil {
		return fmt.Errorf("%s is damaged: remove it, and links sent before stop working: %w", path, err)
	}
	return nil
}

// list finds what is there.
func (s *shelf) list() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && fileName.MatchString(e.Name()) {
			s.files = append(s.files, shelved{e.Name(), info.Size(), info.ModTime()})
			s.total += info.Size()
		}
	}
	slices.SortFunc(s.files, func(a, b shelved) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	return nil
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

// put keeps a file whose name is new, and drops others if that makes too many.
func (s *shelf) put(name string, b []byte) error {
	now := time.Now()
	s.mu.Lock()
	err := vfs.Replace(filepath.Join(s.dir, name), b, 0o600)
	if err == nil {
		s.files = append(s.files, shelved{name, int64(len(b)), now})
		s.total += int64(len(b))
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.sweep(now)
}

// sweep drops files whose links no longer work, and the oldest of too many.
func (s *shelf) sweep(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for len(s.files) > 0 {
		oldest := s.files[0]
		if now.Sub(oldest.at) < s.retention && (s.total <= s.most || len(s.files) == 1) {
			break
		}
		if err := os.Remove(filepath.Join(s.dir, oldest.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		s.files = s.files[1:]
		s.total -= oldest.size
	}
	return errors.Join(errs...)
}
