// Package authapi is the part of Oriel's own API that is about who may come in:
// logging in and out, second factors, sessions, users, roles and tokens. What
// each route takes is in the table of permissions; the handlers only tell what is
// somebody's own from what is others'. openapi.yaml describes it.
package authapi
