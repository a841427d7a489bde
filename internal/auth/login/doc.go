// Package login lets people in: by password and second factor, or by the one-time
// link of the first start. What comes out is a session, which guard knows again
// by its cookie.
//
// Logins is safe for concurrent use. Guesses are slowed down by user and by
// address, and a name that does not exist takes as long as one that does.
package login
