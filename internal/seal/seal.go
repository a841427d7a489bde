// Package seal encrypts the secrets that Oriel must keep and show again: seeds
// of second factors, credentials of receivers and of identity providers. They
// lie in the state database; the key lies in a file of its own, so that a copy
// of the database alone tells nothing.
//
// A sealed secret is one byte, 1, a random nonce of 24 bytes, and
// XChaCha20-Poly1305 of the secret (draft-irtf-cfrg-xchacha-03).
package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// version is the first byte of a sealed secret.
const version = 1

// A Key seals and opens. It may be used from any goroutine.
type Key struct {
	aead cipher.AEAD
	path string
}

// Load reads the key in a file, which it makes if there is none: 32 random
// bytes in base64, for their owner alone. A key that others may read is refused.
func Load(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		text, err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the state database's secrets: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key of the state database's secrets: %w", err)
	}
	// A group may: so Kubernetes mounts secrets.
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return nil, fmt.Errorf("key of the state database's secrets: everybody on this machine can read %s (mode %04o); chmod 600 it", path, mode)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("key of the state database's secrets: %s does not hold %d bytes in base64; restore it from a backup", path, chacha20poly1305.KeySize)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("key of the state database's secrets: %w", err)
	}
	return &Key{aead: aead, path: path}, nil
}

// create writes a new key, which is on disk when it returns; or reads the one
// that another process has made meanwhile.
func create(path string) ([]byte, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	_, _ = rand.Read(key) // never fails
	text := []byte(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// Under another name first: whoever finds the file finds all of it.
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it has its name by then
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); errors.Is(err, os.ErrExist) {
		return os.ReadFile(path)
	} else if err != nil {
		return nil, err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return text, errors.Join(dir.Sync(), dir.Close())
}

// Seal encrypts a secret. It never fails.
func (k *Key) Seal(secret []byte) ([]byte, error) {
	out := make([]byte, 1+chacha20poly1305.NonceSizeX, 1+chacha20poly1305.NonceSizeX+len(secret)+k.aead.Overhead())
	out[0] = version
	_, _ = rand.Read(out[1:]) // never fails
	return k.aead.Seal(out, out[1:], secret, nil), nil
}

// Open returns the secret that was sealed.
func (k *Key) Open(sealed []byte) ([]byte, error) {
	const head = 1 + chacha20poly1305.NonceSizeX
	if len(sealed) < head || sealed[0] != version {
		return nil, errors.New("open a sealed secret: it was not sealed by this version of Oriel")
	}
	secret, err := k.aead.Open(nil, sealed[1:head], sealed[head:], nil)
	if err != nil {
		return nil, fmt.Errorf("open a sealed secret: it was changed, or sealed with another key than that in %s; restore that from a backup", k.path)
	}
	return secret, nil
}
