package main

import (
	"crypto/x509"
	_ "time/tzdata" // for time zones in an image that holds nothing but the binary

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// trustBundledRoots has TLS connections to others trust Mozilla's authorities
// where the system has no list of its own, as in an image that holds nothing
// but the binary. Receivers, providers of single sign-on and targets could not
// be reached by HTTPS otherwise.
func trustBundledRoots() error {
	if system, err := x509.SystemCertPool(); err == nil && !system.Equal(x509.NewCertPool()) {
		return nil
	}
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return err
		}
		if root.Constraint == nil {
			pool.AddCert(cert)
		} else {
			pool.AddCertWithConstraint(cert, root.Constraint)
		}
	}
	x509.SetFallbackRoots(pool)
	return nil
}
