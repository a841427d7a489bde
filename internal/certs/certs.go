// Package certs makes a private certificate authority and certificates of it,
// for a first set-up of TLS. Files are PEM; keys are for their owner alone, and
// nothing is overwritten. For names that the whole world trusts there are
// others: ACME clients write the same files.
package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// How long certificates are good for. 397 days is what browsers take.
const (
	authorityAge = 10 * 365 * 24 * time.Hour
	leafAge      = 397 * 24 * time.Hour
	clockSkew    = 5 * time.Minute // clients' clocks may be behind
)

// A Use is what a certificate is for.
type Use int

// The uses.
const (
	Server Use = iota + 1
	Client
)

// An Authority signs certificates.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  crypto.Signer
}

// NewAuthority makes an authority: ca.crt and ca.key in dir, which it creates
// if absent.
func NewAuthority(dir string, now time.Time) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "oriel"
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Oriel CA of " + host}, NotBefore: now.Add(-clockSkew), NotAfter: now.Add(authorityAge),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	a := &Authority{dir: dir, cert: template, key: key}
	if err := a.write("ca", template, key); err != nil {
		return nil, err
	}
	return Open(dir)
}

// Open returns the authority whose files are in dir.
func Open(dir string) (*Authority, error) {
	cert, err := readPEM(filepath.Join(dir, "ca.crt"), "CERTIFICATE", x509.ParseCertificate)
	if err != nil {
		return nil, err
	}
	key, err := readPEM(filepath.Join(dir, "ca.key"), "PRIVATE KEY", x509.ParsePKCS8PrivateKey)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok || !cert.IsCA {
		return nil, fmt.Errorf("%s: not a certificate authority", dir)
	}
	return &Authority{dir: dir, cert: cert, key: signer}, nil
}

func readPEM[T any](path, kind string, parse func([]byte) (T, error)) (v T, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return v, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return v, fmt.Errorf("%s: no %s in PEM", path, strings.ToLower(kind))
	}
	v, err = parse(block.Bytes)
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// Issue makes a certificate, name.crt and name.key in the authority's folder.
// The name is its common name. The subjects are the names that it is for: host
// names, with a star or not, addresses, URIs and mail addresses. A server's
// certificate needs one.
func (a *Authority) Issue(name string, use Use, subjects []string, now time.Time) error {
	if name == "" || name == "ca" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("name %q: it becomes the name of files, and is not ca", name)
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-clockSkew), NotAfter: now.Add(leafAge),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if use == Server {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if len(subjects) == 0 {
			return errors.New("a server's certificate needs the names and addresses that clients know it by")
		}
	}
	for _, s := range subjects {
		if err := addSubject(template, s); err != nil {
			return err
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	return a.write(name, template, key)
}

func addSubject(c *x509.Certificate, s string) error {
	if ip := net.ParseIP(s); ip != nil {
		c.IPAddresses = append(c.IPAddresses, ip)
		return nil
	}
	if u, err := url.Parse(s); err == nil && u.Scheme != "" && u.Host != "" {
		c.URIs = append(c.URIs, u)
		return nil
	}
	if m, err := mail.ParseAddress(s); err == nil && m.Address == s {
		c.EmailAddresses = append(c.EmailAddresses, s)
		return nil
	}
	if !hostName(s) {
		return fmt.Errorf("%q is no host name, address, URI or mail address", s)
	}
	c.DNSNames = append(c.DNSNames, s)
	return nil
}

// hostName reports whether s is a host name (RFC 1123), with a star as its
// first label or not.
func hostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimPrefix(s, "*."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// write signs a certificate and writes it with its key.
func (a *Authority) write(name string, template *x509.Certificate, key crypto.Signer) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	// The key first: without one, a certificate is of no use.
	if err := a.create(name+".key", 0o600, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}); err != nil {
		return err
	}
	if err := a.create(name+".crt", 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(a.dir, name+".key")))
	}
	return nil
}

func (a *Authority) create(name string, mode os.FileMode, block *pem.Block) (err error) {
	f, err := os.OpenFile(filepath.Join(a.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return pem.Encode(f, block)
}
