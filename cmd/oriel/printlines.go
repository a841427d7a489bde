package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fatih/color"
)

// colorFlag says whether to print colours.
type colorFlag struct {
	Color string `help:"Colours: auto (on a terminal, unless NO_COLOR is set), always or never." default:"auto" enum:"auto,always,never"`
}

func (f colorFlag) colored() bool {
	return f.Color == "always" || f.Color == "auto" && !color.NoColor
}

// A printedLine is a log line on its way to a terminal.
type printedLine struct {
	at     int64 // ns since the Unix epoch
	labels map[string]string
	text   string
}

// linesOf returns the lines of an answer, oldest first.
func linesOf(result []lokiSeries) ([]printedLine, error) {
	var lines []printedLine
	for _, stream := range result {
		for _, v := range stream.Values {
			ns, err := strconv.ParseInt(unquote(v[0]), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("decode answer: timestamp %s: %w", v[0], err)
			}
			lines = append(lines, printedLine{ns, stream.Stream, unquote(v[1])})
		}
	}
	slices.SortStableFunc(lines, func(a, b printedLine) int { return cmp.Compare(a.at, b.at) })
	return lines, nil
}

func unquote(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}

// A linePrinter prints lines for people.
type linePrinter struct {
	out    io.Writer
	faint  *color.Color
	levels map[string]*color.Color // by detected level
}

func newLinePrinter(out io.Writer, colored bool) *linePrinter {
	paint := func(attrs ...color.Attribute) *color.Color {
		c := color.New(attrs...)
		if colored {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	bad, warn, quiet := paint(color.FgRed), paint(color.FgYellow), paint(color.Faint)
	return &linePrinter{out: out, faint: quiet, levels: map[string]*color.Color{
		"error": bad, "critical": bad, "fatal": bad, "warn": warn, "debug": quiet, "trace": quiet,
	}}
}

// print writes "time {labels} line", the line in the colour of its level.
func (p *linePrinter) print(l printedLine) {
	text := l.text
	if c := p.levels[strings.ToLower(cmp.Or(l.labels["detected_level"], l.labels["level"]))]; c != nil {
		text = c.Sprint(text)
	}
	at := time.Unix(0, l.at).UTC().Format(time.RFC3339Nano)
	fmt.Fprintf(p.out, "%s %s\n", p.faint.Sprintf("%s %s", at, labelText(l.labels)), text)
}

// printJSON writes l as an object on a line of its own.
func printJSON(out io.Writer, l printedLine) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Time   time.Time         `json:"time"`
		Line   string            `json:"line"`
		Labels map[string]string `json:"labels"`
	}{time.Unix(0, l.at).UTC(), l.text, l.labels})
}
