// Package sso lets people in whom an OpenID Connect provider knows: the code flow
// with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636), and back-channel
// logout (OpenID Connect Back-Channel Logout 1.0). Their roles come from their
// groups at each login; nothing but the session is kept here.
//
// A provider is asked for its configuration when it is first needed, so that one
// that is down keeps nobody else out. A Providers is safe for concurrent use.
package sso
