package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reference is ${NAME}, ${env:NAME} or ${file:PATH}; $${NAME} and so on stand
// for the text itself.
var reference = regexp.MustCompile(`\$?\$\{(?:(?:env:)?[A-Za-z_][A-Za-z0-9_]*|(?:env|file):[^}\n]*)\}`)

// expand replaces ${NAME} and ${env:NAME} by the environment's value, and
// ${file:PATH} by the one line of a file, except in comment lines. Paths are
// relative to dir. What ${NAME} stands for is put in as it is, and may be any
// YAML; the others stand for a value or a part of one, whatever characters it
// has. Errors name the line and what is referred to, never a value.
func expand(text, dir string) (string, error) {
	var errs []error
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		var out strings.Builder
		at := 0
		for _, found := range reference.FindAllStringIndex(line, -1) {
			ref := line[found[0]:found[1]]
			out.WriteString(line[at:found[0]])
			at = found[1]
			if rest, ok := strings.CutPrefix(ref, "$$"); ok {
				out.WriteString("$" + rest)
				continue
			}
			v, plain, err := valueOf(ref[2:len(ref)-1], dir)
			if err == nil && !plain {
				v, err = fit(v, line[:found[0]], line[found[1]:])
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("line %d: %w", i+1, err))
			}
			out.WriteString(v)
		}
		lines[i] = out.String() + line[at:]
	}
	return strings.Join(lines, ""), errors.Join(errs...)
}

// valueOf returns what a reference stands for, and whether it may be YAML.
func valueOf(ref, dir string) (v string, plain bool, err error) {
	if path, ok := strings.CutPrefix(ref, "file:"); ok {
		v, err = lineOf(path, dir)
		return v, false, err
	}
	name, asked := strings.CutPrefix(ref, "env:")
	v, ok := os.LookupEnv(name)
	if !ok {
		return "", false, fmt.Errorf("environment variable %s is not set", name)
	}
	return v, !asked, nil
}

// maxSecret bounds the file of a secret, in bytes.
const maxSecret = 64 << 10

// lineOf returns the one line that a file has.
func lineOf(path, dir string) (string, error) {
	if path == "" {
		return "", errors.New("${file:} names no file")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	v := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	switch {
	case len(text) > maxSecret:
		return "", fmt.Errorf("%s is larger than %d bytes", path, maxSecret)
	case v == "":
		return "", fmt.Errorf("%s is empty", path)
	case strings.ContainsAny(v, "\n\r\x00"):
		return "", fmt.Errorf("%s has more than one line; use the key that takes a file's name, if there is one", path)
	}
	return v, nil
}

// fit writes v so that YAML reads it as it is between what is before and behind
// it on a line.
func fit(v, before, behind string) (string, error) {
	quoted, err := json.Marshal(v) // which is YAML too
	if err != nil {
		return "", err
	}
	switch quoteBefore(before) {
	case '"':
		return string(quoted[1 : len(quoted)-1]), nil
	case '\'':
		return strings.ReplaceAll(v, "'", "''"), nil
	}
	var n yaml.Node
	if yaml.Unmarshal([]byte("["+v+"]"), &n) == nil && len(n.Content) == 1 {
		if list := n.Content[0].Content; len(list) == 1 && list[0].Kind == yaml.ScalarNode && list[0].Value == v && list[0].Style == 0 && list[0].Anchor == "" {
			return v, nil // a number stays one
		}
	}
	before, behind = strings.TrimRight(before, " \t"), strings.TrimSpace(behind)
	if strings.HasSuffix(before, ":") || strings.HasSuffix(before, "-") || strings.HasSuffix(before, "[") || strings.HasSuffix(before, ",") {
		if behind == "" || strings.ContainsRune(",]}#", rune(behind[0])) {
			return string(quoted), nil
		}
	}
	return "", errors.New("what is referred to has characters that mean something to YAML: put the whole value in double quotes")
}

// quoteBefore returns the quote that text leaves open, or 0.
func quoteBefore(text string) rune {
	var open rune
	escaped := false
	for _, c := range text {
		switch {
		case escaped:
			escaped = false
		case open == '"' && c == '\\':
			escaped = true
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case c == open:
			open = 0
		}
	}
	return open
}

// secretKeys are what the keys of secrets end in, of every section: those whose
// values are not shown.
var secretKeys = []string{"secret", "secrets", "password", "passwd", "credentials", "token", "api_key", "apikey", "auth_key", "access_key", "passphrase", "private_key", "cookie"}

// hidden is shown instead of a secret, as Prometheus does.
const hidden = "<secret>"

// hideSecrets takes what is or may be a secret out of a document: values of
// keys that are named so, and passwords in addresses. References stay.
func hideSecrets(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		n.Value = hidePassword(n.Value)
		if strings.Contains(n.Value, "PRIVATE KEY-----") {
			*n = yaml.Node{Kind: yaml.ScalarNode, Value: hidden}
		}
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && isSecret(n.Content[i-1].Value) {
			hideAll(child)
		}
		hideSecrets(child)
	}
	n.HeadComment, n.LineComment, n.FootComment = "", "", "" // people write anything there
}

func isSecret(key string) bool {
	key = strings.ReplaceAll(strings.ToLower(key), "-", "_")
	return key == "headers" || slices.ContainsFunc(secretKeys, func(s string) bool { // of headers anything may be
		return key == s || strings.HasSuffix(key, "_"+s)
	})
}

// hideAll hides every value below n that is not a reference alone.
func hideAll(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Value != "" && reference.FindString(n.Value) != n.Value {
		*n = yaml.Node{Kind: yaml.ScalarNode, Value: hidden}
	}
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			hideAll(child)
		}
	}
}

// userInfo is the part of an address that has a password.
var userInfo = regexp.MustCompile(`://[^/\s?#@]*:[^/\s?#]*@`)

func hidePassword(v string) string {
	return userInfo.ReplaceAllStringFunc(v, func(part string) string {
		u, err := url.Parse("x" + part)
		if err != nil || u.User == nil {
			return "://" + hidden + "@"
		}
		return "://" + u.User.Username() + ":" + hidden + "@"
	})
}
