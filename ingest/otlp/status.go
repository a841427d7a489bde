package otlp

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// retryDelay is what RetryInfo and Retry-After ask senders to wait: long
// enough for a store to catch up, short against their buffers.
const retryDelay = 5 * time.Second

// statusOf returns the status of a request that failed with err, for both
// transports. Codes that ask for a retry carry RetryInfo; RESOURCE_EXHAUSTED
// without it means that the request is too large.
func statusOf(err error) *status.Status {
	code, retry := codeOf(httpx.Status(err))
	s := status.New(code, cut(strings.ToValidUTF8(err.Error(), "\uFFFD"), maxMessage))
	if !retry {
		return s
	}
	if d, detail := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(delayOf(err))}); detail == nil {
		return d
	}
	return s
}

// delayOf is how long a sender is to wait: as long as err knows, or retryDelay.
func delayOf(err error) time.Duration {
	var knows interface{ RetryAfter() time.Duration }
	if errors.As(err, &knows) {
		return knows.RetryAfter()
	}
	return retryDelay
}

func codeOf(httpStatus int) (code codes.Code, retry bool) {
	switch httpStatus {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType:
		return codes.InvalidArgument, false
	case http.StatusUnauthorized:
		return codes.Unauthenticated, false
	case http.StatusForbidden:
		return codes.PermissionDenied, false
	case http.StatusNotFound:
		return codes.Unimplemented, false
	case http.StatusRequestEntityTooLarge:
		return codes.ResourceExhausted, false
	case http.StatusTooManyRequests:
		return codes.ResourceExhausted, true
	case http.StatusServiceUnavailable:
		return codes.Unavailable, true
	case http.StatusGatewayTimeout:
		return codes.DeadlineExceeded, true
	case httpx.StatusClientClosed:
		return codes.Canceled, true
	}
	return codes.Internal, false
}
